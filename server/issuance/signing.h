// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/issuance/authority.h"
#include "trust/openssl.h"

/// The steps that every certificate takes: begun with serial, names and times, signed, checked.
namespace fncard::server::issuance {

/// Version 3, a random serial of 128 bits, the issuer's name and the validity; whole seconds. The
/// issuer's name is the subject's own when issuer is null.
trust::openssl::X509Pointer beginCertificate(EVP_PKEY* publicKey, X509* issuer, Time notBefore,
                                             Time notAfter);

/// Signs with SHA-256 and checks the signature with the issuer's public key: what a faulty HSM
/// signed is not issued. Error issuance.hsm-failed.
Result<Bytes> signCertificate(X509* certificate, EVP_PKEY* key, EVP_PKEY* issuerPublicKey);

/// The to-be-signed bytes of a DER Certificate, header included; empty when there are none.
Bytes toBeSigned(const Bytes& certificate);

/// A date later by calendar years; 29 February becomes 28 February.
Time yearsAfter(Time time, int years);

tl::unexpected<Error> hsmFailed(const std::string& detail);

}  // namespace fncard::server::issuance

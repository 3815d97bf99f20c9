// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "trust/certificate.h"

namespace fncard::trust {

/// Signs the SHA-256 digest of bytes with the signer's key: PKCS#1 v1.5, or DER ECDSA-Sig-Value.
using SignWithSha256 = std::function<Result<Bytes>(const Bytes& bytes)>;

/// A CMS SignedData without the content (RFC 5652 §5.2), DER, by one signer whose certificate comes
/// along and is named in the signed attributes (RFC 5035), beside the time that the signer says.
/// contentDigest: SHA-256, 32 bytes. Malformed for another certificate or digest; the error of sign
/// as it is.
Result<Bytes> makeDetachedSignature(const Bytes& certificate, const Bytes& contentDigest,
                                    Time signingTime, const SignWithSha256& sign);

}  // namespace fncard::trust

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "card/card_application.h"
#include "pkcs11/status.h"

namespace fncard::pkcs11 {

/// What the objects of a key say about it, read once from the certificate on the card. Plain bytes:
/// nothing of OpenSSL outlives the reading.
struct CertificateFields {
  Bytes der;
  Bytes subject;               ///< DER Name
  Bytes issuer;                ///< DER Name
  Bytes serialNumber;          ///< DER INTEGER
  Bytes subjectPublicKeyInfo;  ///< DER
  std::string notBefore;       ///< "YYYYMMDD", the form of CK_DATE
  std::string notAfter;

  card::KeyAlgorithm algorithm = card::KeyAlgorithm::Rsa2048;
  Bytes modulus;         ///< RSA, big-endian without leading zeros
  Bytes publicExponent;  ///< RSA
  Bytes ecParameters;    ///< EC: DER OBJECT IDENTIFIER of the curve
  Bytes ecPoint;         ///< EC: the uncompressed point, 04 ‖ x ‖ y
};

/// CKR_DEVICE_ERROR for what is no certificate, or has a key that no card of ours has.
Result<CertificateFields> readCertificate(ByteView der);

}  // namespace fncard::pkcs11

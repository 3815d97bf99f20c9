// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "card/card_application.h"
#include "pkcs11/status.h"

namespace fncard::pkcs11 {

/// A public key that keys of our cards can be.
struct PublicKeyFields {
  Bytes subjectPublicKeyInfo;  ///< DER
  card::KeyAlgorithm algorithm = card::KeyAlgorithm::Rsa2048;
  Bytes modulus;         ///< RSA, big-endian without leading zeros
  Bytes publicExponent;  ///< RSA
  Bytes ecParameters;    ///< EC: DER OBJECT IDENTIFIER of the curve
  Bytes ecPoint;         ///< EC: the uncompressed point, 04 ‖ x ‖ y
};

/// What an object says about a certificate. Plain bytes: nothing of OpenSSL outlives the reading.
struct CertificateFields {
  Bytes der;
  Bytes subject;          ///< DER Name
  Bytes issuer;           ///< DER Name
  Bytes serialNumber;     ///< DER INTEGER
  Bytes publicKeyInfo;    ///< DER SubjectPublicKeyInfo, of any kind of key
  std::string name;       ///< the subject's common name in UTF-8, or empty
  std::string notBefore;  ///< "YYYYMMDD", the form of CK_DATE
  std::string notAfter;
};

/// CKR_DEVICE_ERROR for what is no X.509 certificate, or has bytes after its end.
Result<CertificateFields> readCertificate(ByteView der);
/// CKR_DEVICE_ERROR for what is no public key, or one that no card of ours has: RSA of 2048, 3072
/// or 4096 bits, P-256, P-384.
Result<PublicKeyFields> readPublicKey(ByteView subjectPublicKeyInfo);

}  // namespace fncard::pkcs11

// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/certificate.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

#include "pkcs11/crypto.h"

namespace fncard::pkcs11 {

namespace {

struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreePublicKey {
  void operator()(X509_PUBKEY* key) const { X509_PUBKEY_free(key); }
};
struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_free(number); }
};

Refusal unusable(std::string_view why) {
  return refuse(CKR_DEVICE_ERROR, std::string("certificate or key: ") + std::string(why));
}

/// DER of any OpenSSL object by its i2d function; empty when it fails.
template <typename Object>
Bytes encoded(int (*encode)(Object, unsigned char**), Object object) {
  const int size = encode(object, nullptr);
  if (size <= 0) {
    return {};
  }
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* at = der.data();
  encode(object, &at);
  return der;
}

/// A date of CK_DATE; empty for a time that is not one.
std::string dateOf(const ASN1_TIME* time) {
  tm parts{};
  char text[9] = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1 ||
      std::strftime(text, sizeof(text), "%Y%m%d", &parts) != 8) {
    return {};
  }
  return text;
}

Bytes number(const EVP_PKEY* key, const char* name) {
  BIGNUM* read = nullptr;
  EVP_PKEY_get_bn_param(key, name, &read);
  const std::unique_ptr<BIGNUM, FreeNumber> value(read);
  if (!value) {
    return {};
  }
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(value.get())));
  BN_bn2bin(value.get(), bytes.data());
  return bytes;
}

Status readRsaKey(const EVP_PKEY* key, PublicKeyFields& fields) {
  fields.modulus = number(key, OSSL_PKEY_PARAM_RSA_N);
  fields.publicExponent = number(key, OSSL_PKEY_PARAM_RSA_E);
  switch (EVP_PKEY_get_bits(key)) {
    case 2048:
      fields.algorithm = card::KeyAlgorithm::Rsa2048;
      break;
    case 3072:
      fields.algorithm = card::KeyAlgorithm::Rsa3072;
      break;
    case 4096:
      fields.algorithm = card::KeyAlgorithm::Rsa4096;
      break;
    default:
      return unusable("RSA key size");
  }
  return {};
}

Status readEcKey(const EVP_PKEY* key, ByteView point, PublicKeyFields& fields) {
  char group[32] = {};
  if (EVP_PKEY_get_group_name(key, group, sizeof(group), nullptr) != 1) {
    return unusable("curve");
  }
  const std::string_view curve(group);
  if (curve == "prime256v1" || curve == "P-256") {
    fields.algorithm = card::KeyAlgorithm::EcP256;
    fields.ecParameters = {0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
  } else if (curve == "secp384r1" || curve == "P-384") {
    fields.algorithm = card::KeyAlgorithm::EcP384;
    fields.ecParameters = {0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22};
  } else {
    return unusable("curve");
  }
  if (point.size() != 1 + 2 * card::keySize(fields.algorithm) || point[0] != 0x04) {
    return unusable("form of the EC point");
  }
  fields.ecPoint.assign(point.begin(), point.end());
  return {};
}

/// The first common name; empty without one.
std::string commonName(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  unsigned char* text = nullptr;
  const int size =
      at < 0 ? -1
             : ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  if (size < 0) {
    return {};
  }
  std::string found(text, text + size);
  OPENSSL_free(text);
  return found;
}

Status readKey(const X509_PUBKEY* info, PublicKeyFields& fields) {
  const EVP_PKEY* key = X509_PUBKEY_get0(info);
  if (key == nullptr) {
    return unusable("public key");
  }
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    return readRsaKey(key, fields);
  }
  if (EVP_PKEY_is_a(key, "EC") == 1) {
    const unsigned char* point = nullptr;
    int size = 0;
    X509_PUBKEY_get0_param(nullptr, &point, &size, nullptr, info);
    return readEcKey(key, ByteView(point, static_cast<std::size_t>(size)), fields);
  }
  return unusable("kind of key");
}

}  // namespace

Result<CertificateFields> readCertificate(ByteView der) {
  X509* read = X509_new_ex(cryptoContext(), nullptr);
  const unsigned char* at = der.data();
  // on failure d2i_X509 frees what it was given and sets the pointer to null
  if (read == nullptr || d2i_X509(&read, &at, static_cast<long>(der.size())) == nullptr) {
    return unusable("not X.509");
  }
  const std::unique_ptr<X509, FreeCertificate> certificate(read);
  if (at != der.data() + der.size()) {
    return unusable("bytes after the end");
  }
  CertificateFields fields;
  fields.der.assign(der.begin(), der.end());
  fields.subject = encoded<const X509_NAME*>(i2d_X509_NAME, X509_get_subject_name(read));
  fields.issuer = encoded<const X509_NAME*>(i2d_X509_NAME, X509_get_issuer_name(read));
  fields.serialNumber =
      encoded<const ASN1_INTEGER*>(i2d_ASN1_INTEGER, X509_get0_serialNumber(read));
  fields.notBefore = dateOf(X509_get0_notBefore(read));
  fields.notAfter = dateOf(X509_get0_notAfter(read));
  fields.publicKeyInfo = encoded<const X509_PUBKEY*>(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(read));
  fields.name = commonName(X509_get_subject_name(read));
  return fields;
}

Result<PublicKeyFields> readPublicKey(ByteView subjectPublicKeyInfo) {
  X509_PUBKEY* read = X509_PUBKEY_new_ex(cryptoContext(), nullptr);
  const unsigned char* at = subjectPublicKeyInfo.data();
  // on failure d2i_X509_PUBKEY frees what it was given and sets the pointer to null
  if (read == nullptr ||
      d2i_X509_PUBKEY(&read, &at, static_cast<long>(subjectPublicKeyInfo.size())) == nullptr) {
    return unusable("not a public key");
  }
  const std::unique_ptr<X509_PUBKEY, FreePublicKey> info(read);
  if (at != subjectPublicKeyInfo.data() + subjectPublicKeyInfo.size()) {
    return unusable("bytes after the end");
  }
  PublicKeyFields fields;
  fields.subjectPublicKeyInfo.assign(subjectPublicKeyInfo.begin(), subjectPublicKeyInfo.end());
  if (auto key = readKey(read, fields); !key) {
    return passOn(key);
  }
  return fields;
}

}  // namespace fncard::pkcs11

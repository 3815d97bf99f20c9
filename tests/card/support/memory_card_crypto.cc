// SPDX-License-Identifier: Apache-2.0
#include "tests/card/support/memory_card_crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <mutex>
#include <utility>

namespace fncard::card::testing {
namespace {

template <auto free>
struct Free {
  template <typename T>
  void operator()(T* value) const {
    free(value);
  }
};
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Free<EVP_CIPHER_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;

bool isRsaKey(EVP_PKEY* key) {
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
}

const EVP_CIPHER* cipherOf(piv::ManagementAlgorithm algorithm) {
  switch (algorithm) {
    case piv::ManagementAlgorithm::TripleDes:
      return EVP_des_ede3_ecb();
    case piv::ManagementAlgorithm::Aes128:
      return EVP_aes_128_ecb();
    case piv::ManagementAlgorithm::Aes192:
      return EVP_aes_192_ecb();
    case piv::ManagementAlgorithm::Aes256:
      break;
  }
  return EVP_aes_256_ecb();
}

Bytes numberOf(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, bytes.data());
  BN_free(number);
  return bytes;
}

}  // namespace

Bytes padded(std::string_view pin) {
  Bytes bytes(8, 0xFF);
  std::copy(pin.begin(), pin.end(), bytes.begin());
  return bytes;
}

Pin makePin(std::string text) {
  return *Pin::take({text.data(), text.size()});
}

Key generateKey(KeyAlgorithm algorithm) {
  if (isRsa(algorithm)) {
    return Key(EVP_RSA_gen(static_cast<unsigned>(keySize(algorithm) * 8)));
  }
  return Key(EVP_EC_gen(algorithm == KeyAlgorithm::EcP256 ? "P-256" : "P-384"));
}

EVP_PKEY* sharedKey(KeyAlgorithm algorithm, std::uint8_t reference) {
  static std::mutex mutex;
  static std::map<std::pair<KeyAlgorithm, std::uint8_t>, Key> keys;
  const std::scoped_lock lock(mutex);
  Key& key = keys[{algorithm, reference}];
  if (!key) {
    key = generateKey(algorithm);
  }
  return key.get();
}

Bytes makeCertificate(EVP_PKEY* key, const std::string& commonName, const std::string& comment) {
  const Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86'400);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(commonName.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key);
  if (!comment.empty()) {
    X509_EXTENSION* extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_netscape_comment, comment.c_str());
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate.get(), key, EVP_sha256());
  Bytes der(static_cast<std::size_t>(i2d_X509(certificate.get(), nullptr)));
  std::uint8_t* at = der.data();
  i2d_X509(certificate.get(), &at);
  return der;
}

bool verifySha256(EVP_PKEY* key, ByteView message, ByteView signature) {
  const DigestContext context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

Bytes privateOperation(EVP_PKEY* key, ByteView input) {
  const KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  Bytes output(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
  std::size_t size = output.size();
  bool done = false;
  if (isRsaKey(key)) {
    done = EVP_PKEY_decrypt_init(context.get()) == 1 &&
           EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) == 1 &&
           EVP_PKEY_decrypt(context.get(), output.data(), &size, input.data(), input.size()) == 1;
  } else {
    done = EVP_PKEY_sign_init(context.get()) == 1 &&
           EVP_PKEY_sign(context.get(), output.data(), &size, input.data(), input.size()) == 1;
  }
  output.resize(done ? size : 0);
  return output;
}

Bytes sharedSecret(EVP_PKEY* key, ByteView point) {
  const Key peer(EVP_PKEY_new());
  const KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  Bytes secret(64);
  std::size_t size = secret.size();
  const bool done = EVP_PKEY_copy_parameters(peer.get(), key) == 1 &&
                    EVP_PKEY_set1_encoded_public_key(peer.get(), point.data(), point.size()) == 1 &&
                    EVP_PKEY_derive_init(context.get()) == 1 &&
                    EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1 &&
                    EVP_PKEY_derive(context.get(), secret.data(), &size) == 1;
  secret.resize(done ? size : 0);
  return secret;
}

Bytes cipherBlock(piv::ManagementAlgorithm algorithm, ByteView key, ByteView block) {
  const CipherContext context(EVP_CIPHER_CTX_new());
  Bytes output(32);
  int size = 0;
  EVP_CipherInit_ex2(context.get(), cipherOf(algorithm), key.data(), nullptr, 1, nullptr);
  EVP_CIPHER_CTX_set_padding(context.get(), 0);
  EVP_CipherUpdate(context.get(), output.data(), &size, block.data(),
                   static_cast<int>(block.size()));
  output.resize(static_cast<std::size_t>(size));
  return output;
}

std::optional<KeyAlgorithm> algorithmOfId(std::uint8_t id) {
  switch (id) {
    case 0x07:
      return KeyAlgorithm::Rsa2048;
    case 0x05:
      return KeyAlgorithm::Rsa3072;
    case 0x11:
      return KeyAlgorithm::EcP256;
    case 0x14:
      return KeyAlgorithm::EcP384;
    default:
      return std::nullopt;
  }
}

Bytes publicKeyTemplate(EVP_PKEY* key) {
  Bytes fields;
  if (isRsaKey(key)) {
    wire::appendTlv(fields, 0x81, numberOf(key, OSSL_PKEY_PARAM_RSA_N));
    wire::appendTlv(fields, 0x82, numberOf(key, OSSL_PKEY_PARAM_RSA_E));
  } else {
    unsigned char* point = nullptr;
    const std::size_t size = EVP_PKEY_get1_encoded_public_key(key, &point);
    wire::appendTlv(fields, 0x86, {point, size});
    OPENSSL_free(point);
  }
  return wire::encodeTlv(0x7F49, fields);
}

}  // namespace fncard::card::testing

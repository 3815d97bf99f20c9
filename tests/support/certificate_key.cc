// SPDX-License-Identifier: Apache-2.0
#include "tests/support/certificate_key.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

namespace fncard::test {
namespace {

template <auto Release>
struct Releases {
  template <typename T>
  void operator()(T* value) const {
    Release(value);
  }
};
template <typename T, auto Release>
using Owned = std::unique_ptr<T, Releases<Release>>;
using Certificate = Owned<X509, X509_free>;
using KeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

/// ECDSA-Sig-Value (RFC 3279 §2.2.3) of r and s in one row.
Bytes ecdsaSignature(ByteView both) {
  const Owned<ECDSA_SIG, ECDSA_SIG_free> value(ECDSA_SIG_new());
  const std::size_t half = both.size() / 2;
  ECDSA_SIG_set0(value.get(), BN_bin2bn(both.data(), static_cast<int>(half), nullptr),
                 BN_bin2bn(both.data() + half, static_cast<int>(half), nullptr));
  Bytes der(static_cast<std::size_t>(i2d_ECDSA_SIG(value.get(), nullptr)));
  unsigned char* at = der.data();
  i2d_ECDSA_SIG(value.get(), &at);
  return der;
}

}  // namespace

void CertificateKey::Free::operator()(EVP_PKEY* key) const {
  EVP_PKEY_free(key);
}

std::optional<CertificateKey> CertificateKey::fromDer(ByteView certificate) {
  const unsigned char* at = certificate.data();
  const Certificate read(d2i_X509(nullptr, &at, static_cast<long>(certificate.size())));
  EVP_PKEY* key = read ? X509_get_pubkey(read.get()) : nullptr;
  return key == nullptr ? std::nullopt : std::optional(CertificateKey(key));
}

std::optional<CertificateKey> CertificateKey::fromPemFile(const std::string& path) {
  const Owned<BIO, BIO_free> file(BIO_new_file(path.c_str(), "r"));
  const Certificate read(file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr);
  EVP_PKEY* key = read ? X509_get_pubkey(read.get()) : nullptr;
  return key == nullptr ? std::nullopt : std::optional(CertificateKey(key));
}

bool CertificateKey::verifies(ByteView text, ByteView signature) const {
  const bool curve = EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_EC;
  const Bytes form = curve ? ecdsaSignature(signature) : Bytes(signature.begin(), signature.end());
  const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), form.data(), form.size(), text.data(), text.size()) == 1;
}

Bytes CertificateKey::encrypt(ByteView text) const {
  const KeyContext context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())));
  std::size_t size = out.size();
  if (EVP_PKEY_encrypt_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1 ||
      EVP_PKEY_encrypt(context.get(), out.data(), &size, text.data(), text.size()) != 1) {
    return {};
  }
  out.resize(size);
  return out;
}

std::optional<std::pair<Bytes, Bytes>> CertificateKey::agreeWithNewKey() const {
  const KeyContext generator(EVP_PKEY_CTX_new(key_.get(), nullptr));
  EVP_PKEY* made = nullptr;
  if (EVP_PKEY_keygen_init(generator.get()) != 1 || EVP_PKEY_keygen(generator.get(), &made) != 1) {
    return std::nullopt;
  }
  const CertificateKey pair(made);
  unsigned char* encoded = nullptr;
  const std::size_t pointSize = EVP_PKEY_get1_encoded_public_key(made, &encoded);
  const Bytes point(encoded, encoded + pointSize);
  OPENSSL_free(encoded);
  const KeyContext context(EVP_PKEY_CTX_new(made, nullptr));
  std::size_t size = 0;
  if (EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), key_.get()) != 1 ||
      EVP_PKEY_derive(context.get(), nullptr, &size) != 1) {
    return std::nullopt;
  }
  Bytes secret(size);
  if (EVP_PKEY_derive(context.get(), secret.data(), &size) != 1) {
    return std::nullopt;
  }
  secret.resize(size);
  return std::pair(point, secret);
}

}  // namespace fncard::test

// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <array>

namespace fncard::pkcs11 {

std::size_t hashSize(Hash hash) {
  switch (hash) {
    case Hash::Sha1:
      return 20;
    case Hash::Sha224:
      return 28;
    case Hash::Sha256:
      return 32;
    case Hash::Sha384:
      return 48;
    case Hash::Sha512:
      return 64;
  }
  return 0;
}

const char* hashName(Hash hash) {
  switch (hash) {
    case Hash::Sha1:
      return "SHA1";
    case Hash::Sha224:
      return "SHA224";
    case Hash::Sha256:
      return "SHA256";
    case Hash::Sha384:
      return "SHA384";
    case Hash::Sha512:
      return "SHA512";
  }
  return "";
}

std::optional<Hash> hashOf(CK_MECHANISM_TYPE digest) {
  switch (digest) {
    case CKM_SHA_1:
      return Hash::Sha1;
    case CKM_SHA224:
      return Hash::Sha224;
    case CKM_SHA256:
      return Hash::Sha256;
    case CKM_SHA384:
      return Hash::Sha384;
    case CKM_SHA512:
      return Hash::Sha512;
    default:
      return std::nullopt;
  }
}

std::optional<Hash> hashOfMgf(CK_RSA_PKCS_MGF_TYPE mgf) {
  switch (mgf) {
    case CKG_MGF1_SHA1:
      return Hash::Sha1;
    case CKG_MGF1_SHA224:
      return Hash::Sha224;
    case CKG_MGF1_SHA256:
      return Hash::Sha256;
    case CKG_MGF1_SHA384:
      return Hash::Sha384;
    case CKG_MGF1_SHA512:
      return Hash::Sha512;
    default:
      return std::nullopt;
  }
}

OSSL_LIB_CTX* cryptoContext() {
  // never freed: a host may call C_Finalize from its own exit handlers, after OpenSSL's
  static OSSL_LIB_CTX* const context = OSSL_LIB_CTX_new();
  return context;
}

namespace {

/// Fetched digests, kept for the same reason as the context.
const EVP_MD* fetched(Hash hash) {
  static const std::array<EVP_MD*, 5> digests = [] {
    std::array<EVP_MD*, 5> all{};
    for (const Hash each : {Hash::Sha1, Hash::Sha224, Hash::Sha256, Hash::Sha384, Hash::Sha512}) {
      all.at(static_cast<std::size_t>(each)) =
          cryptoContext() == nullptr ? nullptr
                                     : EVP_MD_fetch(cryptoContext(), hashName(each), nullptr);
    }
    return all;
  }();
  return digests.at(static_cast<std::size_t>(hash));
}

}  // namespace

void Hasher::Free::operator()(EVP_MD_CTX* context) const {
  EVP_MD_CTX_free(context);
}

Result<Hasher> Hasher::start(Hash hash) {
  std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  const EVP_MD* digest = fetched(hash);
  if (!context || digest == nullptr || EVP_DigestInit_ex2(context.get(), digest, nullptr) != 1) {
    return hostFailed("digest");
  }
  return Hasher(std::move(context));
}

Status Hasher::update(ByteView part) {
  if (EVP_DigestUpdate(context_.get(), part.data(), part.size()) != 1) {
    return hostFailed("digest");
  }
  return {};
}

Result<Bytes> Hasher::finish() {
  Bytes digest(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  if (EVP_DigestFinal_ex(context_.get(), digest.data(), &size) != 1) {
    return hostFailed("digest");
  }
  digest.resize(size);
  return digest;
}

Result<Bytes> digestOf(Hash hash, ByteView data) {
  auto hasher = Hasher::start(hash);
  if (!hasher) {
    return passOn(hasher);
  }
  if (auto fed = hasher->update(data); !fed) {
    return passOn(fed);
  }
  return hasher->finish();
}

Result<Bytes> hmacSha256(ByteView key, ByteView message) {
  Bytes mac(hashSize(Hash::Sha256));
  std::size_t size = 0;
  if (EVP_Q_mac(cryptoContext(), "HMAC", nullptr, "SHA256", nullptr, key.data(), key.size(),
                message.data(), message.size(), mac.data(), mac.size(), &size) == nullptr ||
      size != mac.size()) {
    return hostFailed("HMAC");
  }
  return mac;
}

Status mgf1Xor(Hash hash, ByteView seed, std::span<std::uint8_t> target) {
  Bytes input(seed.begin(), seed.end());
  input.resize(seed.size() + 4);
  std::uint32_t counter = 0;
  for (std::size_t done = 0; done < target.size(); ++counter) {
    for (std::size_t i = 0; i < 4; ++i) {
      input[seed.size() + i] = static_cast<std::uint8_t>(counter >> (24U - 8U * i));
    }
    auto mask = digestOf(hash, input);
    if (!mask) {
      return passOn(mask);
    }
    for (const std::uint8_t byte : *mask) {
      if (done < target.size()) {
        target[done++] ^= byte;
      }
    }
    OPENSSL_cleanse(mask->data(), mask->size());
  }
  OPENSSL_cleanse(input.data(), input.size());
  return {};
}

Status randomBytes(std::span<std::uint8_t> target) {
  if (RAND_bytes_ex(cryptoContext(), target.data(), target.size(), 0) != 1) {
    return hostFailed("random numbers");
  }
  return {};
}

Result<CK_ULONG> randomHandle() {
  CK_ULONG handle = CK_INVALID_HANDLE;
  while (handle == CK_INVALID_HANDLE) {
    std::array<std::uint8_t, 4> bytes{};
    if (auto filled = randomBytes(bytes); !filled) {
      return passOn(filled);
    }
    for (const std::uint8_t byte : bytes) {
      handle = handle << 8U | byte;
    }
    handle &= 0x7FFFFFFFU;
  }
  return handle;
}

void FreeKey::operator()(EVP_PKEY* key) const {
  EVP_PKEY_free(key);
}

Result<PublicKey> publicKeyFrom(ByteView subjectPublicKeyInfo) {
  const unsigned char* at = subjectPublicKeyInfo.data();
  PublicKey key(d2i_PUBKEY_ex(nullptr, &at, static_cast<long>(subjectPublicKeyInfo.size()),
                              cryptoContext(), nullptr));
  if (!key) {
    return hostFailed("public key");
  }
  return key;
}

}  // namespace fncard::pkcs11

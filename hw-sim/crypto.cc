// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <cstdlib>
#include <utility>

namespace fncard::hw_sim {
namespace {

struct Free {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  void operator()(BIGNUM* number) const { BN_clear_free(number); }
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
  void operator()(EC_GROUP* group) const { EC_GROUP_free(group); }
  void operator()(EC_POINT* point) const { EC_POINT_free(point); }
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
  void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(PKCS8_PRIV_KEY_INFO* info) const { PKCS8_PRIV_KEY_INFO_free(info); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

const EVP_CIPHER* cipherOf(BlockCipher cipher) {
  switch (cipher) {
    case BlockCipher::TripleDes:
      return EVP_des_ede3_ecb();
    case BlockCipher::Aes128:
      return EVP_aes_128_ecb();
    case BlockCipher::Aes192:
      return EVP_aes_192_ecb();
    case BlockCipher::Aes256:
      return EVP_aes_256_ecb();
  }
  return nullptr;
}

const char* groupName(KeyAlgorithm algorithm) {
  return algorithm == KeyAlgorithm::P384 ? "P-384" : "P-256";
}

std::optional<KeyAlgorithm> algorithmOf(EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    switch (bits) {
      case 2048:
        return KeyAlgorithm::Rsa2048;
      case 3072:
        return KeyAlgorithm::Rsa3072;
      case 4096:
        return KeyAlgorithm::Rsa4096;
      default:
        return std::nullopt;
    }
  }
  std::array<char, 32> name{};
  std::size_t length = 0;
  if (EVP_PKEY_is_a(key, "EC") != 1 ||
      EVP_PKEY_get_group_name(key, name.data(), name.size(), &length) != 1) {
    return std::nullopt;
  }
  const std::string_view group(name.data(), length);
  if (group == "prime256v1" || group == "P-256") {
    return KeyAlgorithm::P256;
  }
  if (group == "secp384r1" || group == "P-384") {
    return KeyAlgorithm::P384;
  }
  return std::nullopt;
}

Owned<BIGNUM> numberOf(ByteView bytes) {
  Owned<BIGNUM> number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  if (number) {
    BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  }
  return number;
}

Bytes numberParameter(EVP_PKEY* key, const char* name) {
  BIGNUM* found = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &found) != 1) {
    return {};
  }
  const Owned<BIGNUM> number(found);
  Bytes out(static_cast<std::size_t>(BN_num_bytes(number.get())));
  BN_bn2bin(number.get(), out.data());
  return out;
}

/// d mod (prime - 1), a CRT exponent of RFC 8017 §3.2.
Owned<BIGNUM> exponentBelow(const BIGNUM* d, const BIGNUM* prime, BN_CTX* context) {
  Owned<BIGNUM> below(BN_dup(prime));
  Owned<BIGNUM> out(BN_new());
  const bool good = d != nullptr && below && out && BN_sub_word(below.get(), 1) == 1 &&
                    BN_mod(out.get(), d, below.get(), context) == 1;
  return good ? std::move(out) : nullptr;
}

EVP_PKEY* keyFromParameters(const char* type, OSSL_PARAM_BLD* builder) {
  const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder));
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) != 1) {
    return nullptr;
  }
  return key;
}

}  // namespace

std::optional<KeyAlgorithm> keyAlgorithmFrom(unsigned value) {
  switch (value) {
    case 0x05:
    case 0x07:
    case 0x11:
    case 0x14:
    case 0x16:
      return static_cast<KeyAlgorithm>(value);
    default:
      return std::nullopt;
  }
}

bool isRsa(KeyAlgorithm algorithm) {
  return algorithm != KeyAlgorithm::P256 && algorithm != KeyAlgorithm::P384;
}

std::size_t fieldSize(KeyAlgorithm algorithm) {
  switch (algorithm) {
    case KeyAlgorithm::Rsa2048:
      return 256;
    case KeyAlgorithm::Rsa3072:
      return 384;
    case KeyAlgorithm::Rsa4096:
      return 512;
    case KeyAlgorithm::P256:
      return 32;
    case KeyAlgorithm::P384:
      return 48;
  }
  return 0;
}

std::optional<BlockCipher> blockCipherFrom(unsigned value) {
  switch (value) {
    case 0x03:
    case 0x08:
    case 0x0A:
    case 0x0C:
      return static_cast<BlockCipher>(value);
    default:
      return std::nullopt;
  }
}

std::size_t keySize(BlockCipher cipher) {
  switch (cipher) {
    case BlockCipher::Aes128:
      return 16;
    case BlockCipher::TripleDes:
    case BlockCipher::Aes192:
      return 24;
    case BlockCipher::Aes256:
      return 32;
  }
  return 0;
}

std::size_t blockSize(BlockCipher cipher) {
  return cipher == BlockCipher::TripleDes ? 8 : 16;
}

std::optional<Bytes> encryptBlock(BlockCipher cipher, ByteView key, ByteView block) {
  if (key.size() != keySize(cipher) || block.size() != blockSize(cipher)) {
    return std::nullopt;
  }
  const Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  Bytes out(block.size());
  int size = 0;
  if (!context ||
      EVP_EncryptInit_ex2(context.get(), cipherOf(cipher), key.data(), nullptr, nullptr) != 1 ||
      EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1 ||
      EVP_EncryptUpdate(context.get(), out.data(), &size, block.data(),
                        static_cast<int>(block.size())) != 1) {
    return std::nullopt;
  }
  return out;
}

Bytes randomBytes(std::size_t size) {
  Bytes out(size);
  if (RAND_bytes(out.data(), static_cast<int>(size)) != 1) {
    std::abort();  // a card without random numbers must not answer
  }
  return out;
}

bool equalBytes(ByteView left, ByteView right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

void wipe(Bytes& bytes) {
  OPENSSL_cleanse(bytes.data(), bytes.size());
  bytes.clear();
}

std::optional<PrivateKey> PrivateKey::adopt(EVP_PKEY* key) {
  if (key == nullptr) {
    return std::nullopt;
  }
  std::shared_ptr<EVP_PKEY> owned(key, EVP_PKEY_free);
  const auto algorithm = algorithmOf(key);
  if (!algorithm) {
    return std::nullopt;
  }
  return PrivateKey(*algorithm, std::move(owned));
}

std::optional<PrivateKey> PrivateKey::generate(KeyAlgorithm algorithm) {
  return adopt(isRsa(algorithm)
                   ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", fieldSize(algorithm) * 8)
                   : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", groupName(algorithm)));
}

std::optional<PrivateKey> PrivateKey::fromDer(ByteView der) {
  const unsigned char* at = der.data();
  const Owned<PKCS8_PRIV_KEY_INFO> info(
      d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  return info ? adopt(EVP_PKCS82PKEY(info.get())) : std::nullopt;
}

std::optional<PrivateKey> PrivateKey::fromPrimes(KeyAlgorithm algorithm, ByteView p, ByteView q) {
  const std::size_t half = fieldSize(algorithm) / 2;
  if (!isRsa(algorithm) || p.size() != half || q.size() != half) {
    return std::nullopt;
  }
  const Owned<BN_CTX> context(BN_CTX_secure_new());
  const auto first = numberOf(p);
  const auto second = numberOf(q);
  const Owned<BIGNUM> e(BN_new());
  const Owned<BIGNUM> n(BN_new());
  const Owned<BIGNUM> totient(BN_new());
  BN_set_word(e.get(), RSA_F4);
  BN_mul(n.get(), first.get(), second.get(), context.get());
  // phi = n - p - q + 1
  BN_sub(totient.get(), n.get(), first.get());
  BN_sub(totient.get(), totient.get(), second.get());
  BN_add_word(totient.get(), 1);
  const Owned<BIGNUM> d(BN_mod_inverse(nullptr, e.get(), totient.get(), context.get()));
  const Owned<BIGNUM> inverse(BN_mod_inverse(nullptr, second.get(), first.get(), context.get()));
  const auto firstExponent = exponentBelow(d.get(), first.get(), context.get());
  const auto secondExponent = exponentBelow(d.get(), second.get(), context.get());
  if (!d || !inverse || !firstExponent || !secondExponent) {
    return std::nullopt;
  }
  // whole, because a key without its factors is not read back from PKCS#8
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  const std::array<std::pair<const char*, const BIGNUM*>, 8> numbers = {
      {{OSSL_PKEY_PARAM_RSA_N, n.get()},
       {OSSL_PKEY_PARAM_RSA_E, e.get()},
       {OSSL_PKEY_PARAM_RSA_D, d.get()},
       {OSSL_PKEY_PARAM_RSA_FACTOR1, first.get()},
       {OSSL_PKEY_PARAM_RSA_FACTOR2, second.get()},
       {OSSL_PKEY_PARAM_RSA_EXPONENT1, firstExponent.get()},
       {OSSL_PKEY_PARAM_RSA_EXPONENT2, secondExponent.get()},
       {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, inverse.get()}}};
  for (const auto& [name, number] : numbers) {
    if (OSSL_PARAM_BLD_push_BN(builder.get(), name, number) != 1) {
      return std::nullopt;
    }
  }
  auto key = adopt(keyFromParameters("RSA", builder.get()));
  return key && key->algorithm() == algorithm ? key : std::nullopt;
}

std::optional<PrivateKey> PrivateKey::fromScalar(KeyAlgorithm algorithm, ByteView scalar) {
  if (isRsa(algorithm) || scalar.size() != fieldSize(algorithm)) {
    return std::nullopt;
  }
  const Owned<EC_GROUP> group(EC_GROUP_new_by_curve_name(
      algorithm == KeyAlgorithm::P384 ? NID_secp384r1 : NID_X9_62_prime256v1));
  const auto number = numberOf(scalar);
  const Owned<EC_POINT> point(EC_POINT_new(group.get()));
  if (BN_is_zero(number.get()) || BN_cmp(number.get(), EC_GROUP_get0_order(group.get())) >= 0 ||
      EC_POINT_mul(group.get(), point.get(), number.get(), nullptr, nullptr, nullptr) != 1) {
    return std::nullopt;
  }
  Bytes publicPoint(1 + 2 * fieldSize(algorithm));
  EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, publicPoint.data(),
                     publicPoint.size(), nullptr);
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                      groupName(algorithm), 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, publicPoint.data(),
                                       publicPoint.size()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get()) != 1) {
    return std::nullopt;
  }
  return adopt(keyFromParameters("EC", builder.get()));
}

Bytes PrivateKey::toDer() const {
  const Owned<PKCS8_PRIV_KEY_INFO> info(EVP_PKEY2PKCS8(key_.get()));
  unsigned char* der = nullptr;
  const int size = info ? i2d_PKCS8_PRIV_KEY_INFO(info.get(), &der) : 0;
  if (size <= 0) {
    return {};
  }
  Bytes out(der, der + size);
  OPENSSL_clear_free(der, static_cast<std::size_t>(size));
  return out;
}

Bytes PrivateKey::modulus() const {
  return numberParameter(key_.get(), OSSL_PKEY_PARAM_RSA_N);
}

Bytes PrivateKey::publicExponent() const {
  return numberParameter(key_.get(), OSSL_PKEY_PARAM_RSA_E);
}

Bytes PrivateKey::publicPoint() const {
  Bytes out{4};
  for (const char* name : {OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y}) {
    const Bytes coordinate = numberParameter(key_.get(), name);
    out.insert(out.end(), fieldSize(algorithm_) - coordinate.size(), 0);
    out.insert(out.end(), coordinate.begin(), coordinate.end());
  }
  return out;
}

std::optional<Bytes> PrivateKey::rsaPrivate(ByteView block) const {
  if (!isRsa(algorithm_) || block.size() != fieldSize(algorithm_)) {
    return std::nullopt;
  }
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  Bytes out(block.size());
  std::size_t size = out.size();
  if (!context || EVP_PKEY_decrypt_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) != 1 ||
      EVP_PKEY_decrypt(context.get(), out.data(), &size, block.data(), block.size()) != 1) {
    return std::nullopt;
  }
  return out;
}

std::optional<Bytes> PrivateKey::ecdsaSign(ByteView digest) const {
  if (isRsa(algorithm_) || digest.empty() || digest.size() > fieldSize(algorithm_)) {
    return std::nullopt;
  }
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())));
  std::size_t size = out.size();
  if (!context || EVP_PKEY_sign_init(context.get()) != 1 ||
      EVP_PKEY_sign(context.get(), out.data(), &size, digest.data(), digest.size()) != 1) {
    return std::nullopt;
  }
  out.resize(size);
  return out;
}

std::optional<Bytes> PrivateKey::ecdh(ByteView point) const {
  if (isRsa(algorithm_) || point.size() != 1 + 2 * fieldSize(algorithm_) || point[0] != 4) {
    return std::nullopt;
  }
  const Owned<EVP_PKEY> peer(EVP_PKEY_new());
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  Bytes out(fieldSize(algorithm_));
  std::size_t size = out.size();
  if (!peer || !context || EVP_PKEY_copy_parameters(peer.get(), key_.get()) != 1 ||
      EVP_PKEY_set1_encoded_public_key(peer.get(), point.data(), point.size()) != 1 ||
      EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1 ||
      EVP_PKEY_derive(context.get(), out.data(), &size) != 1) {
    return std::nullopt;
  }
  return out;
}

}  // namespace fncard::hw_sim

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "card/wire/bytes.h"

struct evp_pkey_st;

/// The card's arithmetic, on OpenSSL. Nothing here knows APDUs.
namespace fncard::hw_sim {

/// Algorithm identifiers of asymmetric keys (SP 800-78-4 table 6-2; 05 and 16 from SP 800-78-5).
enum class KeyAlgorithm : std::uint8_t {
  Rsa3072 = 0x05,
  Rsa2048 = 0x07,
  P256 = 0x11,
  P384 = 0x14,
  Rsa4096 = 0x16
};
std::optional<KeyAlgorithm> keyAlgorithmFrom(unsigned value);
bool isRsa(KeyAlgorithm algorithm);
/// Bytes of the modulus or of a coordinate.
std::size_t fieldSize(KeyAlgorithm algorithm);

/// Algorithm identifiers of the card administration key 9B (SP 800-78-4 table 6-2).
enum class BlockCipher : std::uint8_t {
  TripleDes = 0x03,
  Aes128 = 0x08,
  Aes192 = 0x0A,
  Aes256 = 0x0C
};
std::optional<BlockCipher> blockCipherFrom(unsigned value);
std::size_t keySize(BlockCipher cipher);
std::size_t blockSize(BlockCipher cipher);
/// One block in ECB, as SP 800-73-4 part 2 appendix A.1 uses it. Nothing when a size is wrong.
std::optional<Bytes> encryptBlock(BlockCipher cipher, ByteView key, ByteView block);

Bytes randomBytes(std::size_t size);
/// In constant time for equal sizes.
bool equalBytes(ByteView left, ByteView right);
void wipe(Bytes& bytes);

/// A private key of the card. Copies share it; it never changes.
class PrivateKey {
 public:
  static std::optional<PrivateKey> generate(KeyAlgorithm algorithm);
  /// PKCS#8, DER. Nothing when malformed or of an algorithm that the card does not have.
  static std::optional<PrivateKey> fromDer(ByteView der);
  /// From the prime factors, exponent 65537. Nothing when they do not make a modulus of that size.
  static std::optional<PrivateKey> fromPrimes(KeyAlgorithm algorithm, ByteView p, ByteView q);
  /// From a private scalar. Nothing when it is not in 1…n-1.
  static std::optional<PrivateKey> fromScalar(KeyAlgorithm algorithm, ByteView scalar);

  [[nodiscard]] KeyAlgorithm algorithm() const { return algorithm_; }
  [[nodiscard]] Bytes toDer() const;
  [[nodiscard]] Bytes modulus() const;         ///< RSA, without leading zeros
  [[nodiscard]] Bytes publicExponent() const;  ///< RSA, without leading zeros
  [[nodiscard]] Bytes publicPoint() const;     ///< EC, uncompressed
  [[nodiscard]] evp_pkey_st* handle() const { return key_.get(); }

  /// RSA: the raw private operation on a full block. Nothing for another size, or a number not
  /// below the modulus.
  [[nodiscard]] std::optional<Bytes> rsaPrivate(ByteView block) const;
  /// EC: ECDSA-Sig-Value over a digest of at most a coordinate's size.
  [[nodiscard]] std::optional<Bytes> ecdsaSign(ByteView digest) const;
  /// EC: x coordinate of the shared point. Nothing when point is not on the curve.
  [[nodiscard]] std::optional<Bytes> ecdh(ByteView point) const;

 private:
  PrivateKey(KeyAlgorithm algorithm, std::shared_ptr<evp_pkey_st> key)
      : algorithm_(algorithm), key_(std::move(key)) {}
  static std::optional<PrivateKey> adopt(evp_pkey_st* key);

  KeyAlgorithm algorithm_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace fncard::hw_sim

// SPDX-License-Identifier: Apache-2.0
#include "server/issuance/public_key.h"

#include <openssl/core_names.h>

#include <algorithm>
#include <array>

namespace fncard::server::issuance {
namespace {

using trust::openssl::BignumPointer;
using trust::openssl::decoded;
using trust::openssl::encoded;
using trust::openssl::KeyPointer;

constexpr std::array<BN_ULONG, 38> kSmallPrimes = {
    3,  5,  7,  11, 13, 17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,
    73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};

tl::unexpected<Error> refuse(const std::string& reason) {
  return tl::unexpected(Error{"issuance.key-refused", reason});
}

bool generatedBy65537(BN_ULONG value, BN_ULONG prime) {
  const BN_ULONG generator = 65537 % prime;
  BN_ULONG power = 1;
  for (BN_ULONG i = 0; i < prime; ++i) {
    if (power == value) {
      return true;
    }
    power = power * generator % prime;
  }
  return false;
}

BignumPointer number(const EVP_PKEY* key, const char* name) {
  BIGNUM* value = nullptr;
  return EVP_PKEY_get_bn_param(key, name, &value) == 1 ? BignumPointer(value) : nullptr;
}

Result<void> checkRsa(const EVP_PKEY* key, const Bytes& encoding) {
  const BignumPointer modulus = number(key, OSSL_PKEY_PARAM_RSA_N);
  const BignumPointer exponent = number(key, OSSL_PKEY_PARAM_RSA_E);
  if (!modulus || !exponent) {
    return refuse("the RSA key has no modulus or exponent");
  }
  const int bits = BN_num_bits(modulus.get());
  if (bits < 2048 || bits > 4096) {
    return refuse("an RSA modulus has 2048 to 4096 bits, this one " + std::to_string(bits));
  }
  constexpr BN_ULONG kSmallestExponent = 65537;
  constexpr int kLargestExponentBits = 256;  // FIPS 186-4 §B.3.1
  if (BN_is_odd(exponent.get()) != 1 || BN_num_bits(exponent.get()) > kLargestExponentBits ||
      (BN_num_bits(exponent.get()) <= 17 && BN_get_word(exponent.get()) < kSmallestExponent)) {
    return refuse("an RSA exponent is odd and 65537 or more");
  }
  const bool factor = std::any_of(kSmallPrimes.begin(), kSmallPrimes.end(), [&](BN_ULONG prime) {
    return BN_mod_word(modulus.get(), prime) == 0;
  });
  if (BN_is_odd(modulus.get()) != 1 || factor) {
    return refuse("the RSA modulus has a small factor");
  }
  if (looksLikeRoca(modulus.get())) {
    return refuse("the RSA key is of the weak kind of CVE-2017-15361; use another card");
  }
  if (encoded<i2d_PUBKEY>(key) != encoding) {
    return refuse("the RSA key is not in its one DER encoding (RFC 3279 §2.3.1)");
  }
  return {};
}

/// The point of a named curve follows a prefix that is the same for every key (RFC 5480 §2).
constexpr std::array<unsigned char, 27> kP256Prefix = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06,
    0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
constexpr std::array<unsigned char, 24> kP384Prefix = {
    0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02,
    0x01, 0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04};

template <std::size_t Size>
bool encodes(const Bytes& encoding, const std::array<unsigned char, Size>& prefix,
             std::size_t coordinate) {
  return encoding.size() == Size + 2 * coordinate &&
         std::equal(prefix.begin(), prefix.end(), encoding.begin());
}

Result<void> checkEc(EVP_PKEY* key, const Bytes& encoding) {
  if (!encodes(encoding, kP256Prefix, 32) && !encodes(encoding, kP384Prefix, 48)) {
    return refuse("an EC key is an uncompressed point of P-256 or P-384 (RFC 5480 §2.1.1)");
  }
  const std::unique_ptr<EVP_PKEY_CTX, trust::openssl::FreeWith<EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new(key, nullptr));
  if (!context || EVP_PKEY_public_check(context.get()) != 1) {
    return refuse("the EC point is not on its curve");
  }
  return {};
}

}  // namespace

bool looksLikeRoca(const BIGNUM* modulus) {
  return std::all_of(kSmallPrimes.begin(), kSmallPrimes.end(), [&](BN_ULONG prime) {
    return generatedBy65537(BN_mod_word(modulus, prime), prime);
  });
}

Result<PublicKey> readPublicKey(const Bytes& subjectPublicKeyInfo) {
  constexpr std::size_t kLargest = 1024;
  PublicKey result;
  if (subjectPublicKeyInfo.size() <= kLargest) {
    result.key = decoded<KeyPointer, d2i_PUBKEY>(subjectPublicKeyInfo);
  }
  if (!result.key) {
    (void)trust::openssl::takeErrors();
    return refuse("it is no SubjectPublicKeyInfo");
  }
  result.rsa = EVP_PKEY_get_base_id(result.key.get()) == EVP_PKEY_RSA;
  if (!result.rsa && EVP_PKEY_get_base_id(result.key.get()) != EVP_PKEY_EC) {
    return refuse("it is neither an RSA nor an EC key");
  }
  const auto good = result.rsa ? checkRsa(result.key.get(), subjectPublicKeyInfo)
                               : checkEc(result.key.get(), subjectPublicKeyInfo);
  (void)trust::openssl::takeErrors();
  if (!good) {
    return tl::unexpected(good.error());
  }
  return result;
}

}  // namespace fncard::server::issuance

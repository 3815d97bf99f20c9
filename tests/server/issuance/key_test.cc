// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "server/issuance/public_key.h"
#include "tests/server/issuance/test_authority.h"

namespace fncard::server::issuance {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using trust::openssl::BignumPointer;
using trust::openssl::KeyPointer;

bool accepted(const Bytes& key) {
  return readPublicKey(key).has_value();
}

BignumPointer numberOf(EVP_PKEY* key, const char* name) {
  BIGNUM* value = nullptr;
  EVP_PKEY_get_bn_param(key, name, &value);
  return BignumPointer(value);
}

/// An RSA public key of any modulus and exponent.
Bytes rsaOf(const BIGNUM* modulus, const BIGNUM* exponent) {
  OSSL_PARAM_BLD* const builder = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus);
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent);
  OSSL_PARAM* const parameters = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr);
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(context);
  EXPECT_EQ(EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters), 1);
  const KeyPointer owned(key);
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  return publicKeyOf(key);
}

BignumPointer word(BN_ULONG value) {
  BignumPointer number(BN_new());
  BN_set_word(number.get(), value);
  return number;
}

TEST(PublicKeys, OfTheProfileAreAccepted) {
  EXPECT_TRUE(accepted(publicKeyOf(rsaKey(2048).get())));
  EXPECT_TRUE(accepted(publicKeyOf(rsaKey(3072).get())));
  EXPECT_TRUE(accepted(publicKeyOf(ecKey("P-256").get())));
  EXPECT_TRUE(accepted(publicKeyOf(ecKey("P-384").get())));
}

TEST(PublicKeys, OfOtherSizesCurvesAndKindsAreRefused) {
  EXPECT_FALSE(accepted(publicKeyOf(rsaKey(1024).get())));
  EXPECT_FALSE(accepted(publicKeyOf(rsaKey(2040).get())));
  EXPECT_FALSE(accepted(publicKeyOf(ecKey("P-521").get())));
  EXPECT_FALSE(accepted(publicKeyOf(ecKey("secp256k1").get())));
  EXPECT_FALSE(accepted(publicKeyOf(ecKey("P-224").get())));
  EXPECT_FALSE(
      accepted(publicKeyOf(KeyPointer(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")).get())));
}

TEST(PublicKeys, WithWeakExponentsAreRefused) {
  const auto key = rsaKey();
  const auto modulus = numberOf(key.get(), OSSL_PKEY_PARAM_RSA_N);
  EXPECT_TRUE(accepted(rsaOf(modulus.get(), word(65537).get())));
  for (const std::uint64_t exponent :
       std::initializer_list<std::uint64_t>{1, 3, 17, 65535, 65538, 1ULL << 40U}) {
    EXPECT_FALSE(accepted(rsaOf(modulus.get(), word(exponent).get()))) << exponent;
  }
}

TEST(PublicKeys, WithEvenOrSmoothModuliAreRefused) {
  const auto key = rsaKey();
  const auto modulus = numberOf(key.get(), OSSL_PKEY_PARAM_RSA_N);
  BN_sub_word(modulus.get(), 1);
  EXPECT_FALSE(accepted(rsaOf(modulus.get(), word(65537).get())));
  // the next multiple of 163 that is odd
  BN_add_word(modulus.get(), 163 - BN_mod_word(modulus.get(), 163));
  if (BN_is_odd(modulus.get()) == 0) {
    BN_add_word(modulus.get(), 163);
  }
  EXPECT_FALSE(accepted(rsaOf(modulus.get(), word(65537).get())));
}

TEST(PublicKeys, OfTheFaultyCardLibraryAreRefused) {
  // such a modulus is a power of 65537 modulo the product of the small primes: build one
  constexpr BN_ULONG kPrimes[] = {3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,
                                  47,  53,  59,  61,  67,  71,  73,  79,  83,  89,  97,  101, 103,
                                  107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
  const std::unique_ptr<BN_CTX, trust::openssl::FreeWith<BN_CTX_free>> context(BN_CTX_new());
  const auto product = word(2);
  for (const BN_ULONG prime : kPrimes) {
    BN_mul_word(product.get(), prime);
  }
  const auto modulus = word(1);
  BN_lshift(modulus.get(), modulus.get(), 2047);
  const auto rest = word(0);
  BN_mod(rest.get(), modulus.get(), product.get(), context.get());
  BN_sub(modulus.get(), modulus.get(), rest.get());
  const auto power = word(0);
  BN_mod_exp(power.get(), word(65537).get(), word(12345).get(), product.get(), context.get());
  BN_add(modulus.get(), modulus.get(), power.get());
  BN_add(modulus.get(), modulus.get(), product.get());
  ASSERT_EQ(BN_num_bits(modulus.get()), 2048);
  ASSERT_EQ(BN_is_odd(modulus.get()), 1);
  EXPECT_TRUE(looksLikeRoca(modulus.get()));
  const auto refused = readPublicKey(rsaOf(modulus.get(), word(65537).get()));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().detail, ::testing::HasSubstr("CVE-2017-15361"));
  const auto honest = rsaKey();
  EXPECT_FALSE(looksLikeRoca(numberOf(honest.get(), OSSL_PKEY_PARAM_RSA_N).get()));
}

TEST(PublicKeys, InAnyOtherEncodingAreRefused) {
  const auto ec = ecKey();
  const Bytes good = publicKeyOf(ec.get());
  Bytes offCurve = good;
  offCurve.back() ^= 1U;
  EXPECT_FALSE(accepted(offCurve));
  EVP_PKEY_set_utf8_string_param(ec.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                 "compressed");
  EXPECT_LT(publicKeyOf(ec.get()).size(), good.size());
  EXPECT_FALSE(accepted(publicKeyOf(ec.get())));
  Bytes longer = publicKeyOf(rsaKey().get());
  EXPECT_TRUE(accepted(longer));
  longer.push_back(0);
  EXPECT_FALSE(accepted(longer));
  EXPECT_FALSE(accepted({}));
  EXPECT_FALSE(accepted(Bytes(100, 0x30)));
  EXPECT_FALSE(accepted(Bytes(100000, 0x30)));
}

}  // namespace
}  // namespace fncard::server::issuance

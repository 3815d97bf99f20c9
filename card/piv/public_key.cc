// SPDX-License-Identifier: Apache-2.0
#include "card/piv/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <memory>

namespace fncard::card::piv {
namespace {

constexpr std::uint32_t kPublicKey = 0x7F49;
constexpr std::uint32_t kModulus = 0x81;
constexpr std::uint32_t kExponent = 0x82;
constexpr std::uint32_t kPoint = 0x86;
constexpr std::size_t kMaxExponent = 8;
constexpr std::uint8_t kUncompressedPoint = 0x04;

template <auto free>
struct Free {
  template <typename T>
  void operator()(T* value) const {
    free(value);
  }
};
using BigNumber = std::unique_ptr<BIGNUM, Free<BN_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;

Result<Bytes> encode(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* raw = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return failed(ErrorCode::Malformed, "public key that is not on its curve or no number");
  }
  const std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>> key(raw);
  const int size = i2d_PUBKEY(key.get(), nullptr);
  if (size <= 0) {
    return failed(ErrorCode::Internal, "i2d_PUBKEY");
  }
  Bytes der(static_cast<std::size_t>(size));
  std::uint8_t* at = der.data();
  i2d_PUBKEY(key.get(), &at);
  return der;
}

BigNumber number(ByteView bytes) {
  return BigNumber(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

Result<Bytes> rsaKey(std::size_t size, ByteView fields) {
  const auto modulus = wire::findTlv(fields, kModulus);
  const auto exponent = wire::findTlv(fields, kExponent);
  if (!modulus || modulus->size() != size || (modulus->front() & 0x80U) == 0 || !exponent ||
      exponent->empty() || exponent->size() > kMaxExponent || (exponent->back() & 1U) == 0) {
    return failed(ErrorCode::Malformed, "RSA public key of another form than asked for");
  }
  const BigNumber n = number(*modulus);
  const BigNumber e = number(*exponent);
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (!n || !e || !builder ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return failed(ErrorCode::Internal, "RSA parameters");
  }
  return encode("RSA", builder.get());
}

Result<Bytes> ecKey(KeyAlgorithm algorithm, ByteView fields) {
  const auto point = wire::findTlv(fields, kPoint);
  if (!point || point->size() != 2 * keySize(algorithm) + 1 ||
      point->front() != kUncompressedPoint) {
    return failed(ErrorCode::Malformed, "EC public key of another form than asked for");
  }
  const char* group = algorithm == KeyAlgorithm::EcP256 ? "P-256" : "P-384";
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, group, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point->data(),
                                       point->size()) != 1) {
    return failed(ErrorCode::Internal, "EC parameters");
  }
  return encode("EC", builder.get());
}

}  // namespace

Result<Bytes> subjectPublicKeyInfo(KeyAlgorithm algorithm, ByteView answer) {
  wire::TlvReader reader(answer);
  const auto key = reader.next();
  if (!key || key->tag != kPublicKey) {
    return failed(ErrorCode::Malformed, "no public key template");
  }
  return isRsa(algorithm) ? rsaKey(keySize(algorithm), key->value) : ecKey(algorithm, key->value);
}

}  // namespace fncard::card::piv

// SPDX-License-Identifier: Apache-2.0
#include "server/hsm/hsm_key.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cstring>

namespace fncard::server::hsm {
namespace {

using Bytes = Token::Bytes;

/// What an RSA or EC_KEY carries with it: where its private half is.
struct Reference {
  std::shared_ptr<Token> token;
  std::string label;
};

void freeReference(void* /*parent*/, void* reference, CRYPTO_EX_DATA* /*data*/, int /*index*/,
                   long /*number*/, void* /*argument*/) {
  delete static_cast<Reference*>(reference);
}

int copyReference(CRYPTO_EX_DATA* /*to*/, const CRYPTO_EX_DATA* /*from*/, void** reference,
                  int /*index*/, long /*number*/, void* /*argument*/) {
  if (*reference != nullptr) {
    *reference = new Reference(*static_cast<Reference*>(*reference));
  }
  return 1;
}

int rsaIndex() {
  static const int kIndex = RSA_get_ex_new_index(0, nullptr, nullptr, copyReference, freeReference);
  return kIndex;
}

int ecIndex() {
  static const int kIndex =
      EC_KEY_get_ex_new_index(0, nullptr, nullptr, copyReference, freeReference);
  return kIndex;
}

/// Leaves the reason on OpenSSL's error queue, where the caller of X509_sign and the like finds it.
Result<Bytes> signInToken(const Reference* key, CK_MECHANISM_TYPE mechanism, Token::View data) {
  if (key == nullptr) {
    return tl::unexpected(Error{"The key is not one of the HSM."});
  }
  auto signature = key->token->sign(CKO_PRIVATE_KEY, key->label, mechanism, data);
  if (!signature) {
    ERR_raise_data(ERR_LIB_USER, ERR_R_OPERATION_FAIL, "%s", signature.error().detail.c_str());
  }
  return signature;
}

/// Under PKCS#1 v1.5 OpenSSL hands over the DigestInfo; for PSS it has padded already and asks for
/// the bare RSA operation.
int rsaPrivateEncrypt(int size, const unsigned char* from, unsigned char* to, RSA* rsa,
                      int padding) {
  CK_MECHANISM_TYPE mechanism = 0;
  if (padding == RSA_PKCS1_PADDING) {
    mechanism = CKM_RSA_PKCS;
  } else if (padding == RSA_NO_PADDING) {
    mechanism = CKM_RSA_X_509;
  } else {
    ERR_raise(ERR_LIB_RSA, RSA_R_UNKNOWN_PADDING_TYPE);
    return -1;
  }
  const auto* const key = static_cast<const Reference*>(RSA_get_ex_data(rsa, rsaIndex()));
  const auto signature = signInToken(key, mechanism, {from, static_cast<std::size_t>(size)});
  const auto modulusSize = static_cast<std::size_t>(RSA_size(rsa));
  if (!signature || signature->empty() || signature->size() > modulusSize) {
    return -1;
  }
  const std::size_t zeroes = modulusSize - signature->size();
  std::memset(to, 0, zeroes);
  std::memcpy(to + zeroes, signature->data(), signature->size());
  return static_cast<int>(modulusSize);
}

int refuseDecryption(int /*size*/, const unsigned char* /*from*/, unsigned char* /*to*/,
                     RSA* /*rsa*/, int /*padding*/) {
  ERR_raise_data(ERR_LIB_USER, ERR_R_OPERATION_FAIL, "%s", "the CA's keys sign and do not decrypt");
  return -1;
}

/// CKM_ECDSA: the digest in, r and s side by side out.
ECDSA_SIG* ecdsaSign(const unsigned char* digest, int size, const BIGNUM* /*kinv*/,
                     const BIGNUM* /*r*/, EC_KEY* ec) {
  const auto* const key = static_cast<const Reference*>(EC_KEY_get_ex_data(ec, ecIndex()));
  const int orderBits = EC_GROUP_order_bits(EC_KEY_get0_group(ec));
  // a digest longer than the order is cut to its left part (FIPS 186-4 §6.4)
  const std::size_t used =
      std::min(static_cast<std::size_t>(size), static_cast<std::size_t>((orderBits + 7) / 8));
  const auto signature = signInToken(key, CKM_ECDSA, {digest, used});
  if (!signature || signature->empty() || signature->size() % 2 != 0) {
    return nullptr;
  }
  const int half = static_cast<int>(signature->size() / 2);
  std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> result(ECDSA_SIG_new(), ECDSA_SIG_free);
  BIGNUM* const r = BN_bin2bn(signature->data(), half, nullptr);
  BIGNUM* const s = BN_bin2bn(signature->data() + half, half, nullptr);
  if (!result || r == nullptr || s == nullptr || ECDSA_SIG_set0(result.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return nullptr;
  }
  return result.release();
}

const RSA_METHOD* rsaMethod() {
  static const RSA_METHOD* const kMethod = [] {
    RSA_METHOD* const method = RSA_meth_dup(RSA_PKCS1_OpenSSL());
    RSA_meth_set1_name(method, "fncard HSM");
    RSA_meth_set_flags(method, RSA_METHOD_FLAG_NO_CHECK);
    RSA_meth_set_priv_enc(method, rsaPrivateEncrypt);
    RSA_meth_set_priv_dec(method, refuseDecryption);
    return method;
  }();
  return kMethod;
}

const EC_KEY_METHOD* ecMethod() {
  static const EC_KEY_METHOD* const kMethod = [] {
    EC_KEY_METHOD* const method = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
    int (*sign)(int, const unsigned char*, int, unsigned char*, unsigned int*, const BIGNUM*,
                const BIGNUM*, EC_KEY*) = nullptr;
    EC_KEY_METHOD_get_sign(method, &sign, nullptr, nullptr);
    // OpenSSL's own sign encodes what sign_sig gives; there is nothing to set up beforehand
    EC_KEY_METHOD_set_sign(method, sign, nullptr, ecdsaSign);
    return method;
  }();
  return kMethod;
}

Key rsaKey(const Bytes& modulus, const Bytes& exponent, std::unique_ptr<Reference> reference) {
  std::unique_ptr<RSA, decltype(&RSA_free)> rsa(RSA_new(), RSA_free);
  BIGNUM* const n = BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr);
  BIGNUM* const e = BN_bin2bn(exponent.data(), static_cast<int>(exponent.size()), nullptr);
  if (!rsa || RSA_set0_key(rsa.get(), n, e, nullptr) != 1) {
    BN_free(n);
    BN_free(e);
    return nullptr;
  }
  Key key(EVP_PKEY_new());
  if (!key || RSA_set_method(rsa.get(), rsaMethod()) != 1 ||
      RSA_set_ex_data(rsa.get(), rsaIndex(), reference.get()) != 1) {
    return nullptr;
  }
  (void)reference.release();
  return EVP_PKEY_set1_RSA(key.get(), rsa.get()) == 1 ? std::move(key) : nullptr;
}

/// CKA_EC_PARAMS is a DER namedCurve, CKA_EC_POINT the point in a DER OCTET STRING.
Key ecKey(const Bytes& parameters, const Bytes& point, std::unique_ptr<Reference> reference) {
  const unsigned char* next = parameters.data();
  std::unique_ptr<EC_KEY, decltype(&EC_KEY_free)> ec(
      d2i_ECParameters(nullptr, &next, static_cast<long>(parameters.size())), EC_KEY_free);
  next = point.data();
  const std::unique_ptr<ASN1_OCTET_STRING, decltype(&ASN1_OCTET_STRING_free)> octets(
      d2i_ASN1_OCTET_STRING(nullptr, &next, static_cast<long>(point.size())),
      ASN1_OCTET_STRING_free);
  if (!ec || !octets) {
    return nullptr;
  }
  next = ASN1_STRING_get0_data(octets.get());
  EC_KEY* target = ec.get();
  if (o2i_ECPublicKey(&target, &next, ASN1_STRING_length(octets.get())) == nullptr) {
    return nullptr;
  }
  Key key(EVP_PKEY_new());
  if (!key || EC_KEY_set_method(ec.get(), ecMethod()) != 1 ||
      EC_KEY_set_ex_data(ec.get(), ecIndex(), reference.get()) != 1) {
    return nullptr;
  }
  (void)reference.release();
  return EVP_PKEY_set1_EC_KEY(key.get(), ec.get()) == 1 ? std::move(key) : nullptr;
}

}  // namespace

Result<Key> makeKey(const std::shared_ptr<Token>& token, const std::string& label) {
  CK_OBJECT_HANDLE privateKey = CK_INVALID_HANDLE;
  CK_OBJECT_HANDLE publicKey = CK_INVALID_HANDLE;
  CK_KEY_TYPE type = 0;
  Bytes first;
  Bytes second;
  const CK_RV rv = token->run([&](CK_SESSION_HANDLE session) -> CK_RV {
    CK_RV step = token->find(session, CKO_PRIVATE_KEY, label, privateKey);
    if (step == CKR_OK) {
      step = token->find(session, CKO_PUBLIC_KEY, label, publicKey);
    }
    if (step != CKR_OK || privateKey == CK_INVALID_HANDLE || publicKey == CK_INVALID_HANDLE) {
      return step;
    }
    CK_ATTRIBUTE keyType{CKA_KEY_TYPE, &type, sizeof(type)};
    step = token->module()->C_GetAttributeValue(session, publicKey, &keyType, 1);
    const bool rsa = type == CKK_RSA;
    if (step == CKR_OK) {
      step = token->attribute(session, publicKey, rsa ? CKA_MODULUS : CKA_EC_PARAMS, first);
    }
    return step != CKR_OK ? step
                          : token->attribute(session, publicKey,
                                             rsa ? CKA_PUBLIC_EXPONENT : CKA_EC_POINT, second);
  });
  if (rv != CKR_OK) {
    return callFailed("C_GetAttributeValue", rv);
  }
  if (privateKey == CK_INVALID_HANDLE || publicKey == CK_INVALID_HANDLE) {
    return tl::unexpected(noSuchKey(label));
  }
  auto reference = std::make_unique<Reference>(Reference{token, label});
  Key key = type == CKK_RSA  ? rsaKey(first, second, std::move(reference))
            : type == CKK_EC ? ecKey(first, second, std::move(reference))
                             : nullptr;
  if (!key) {
    return tl::unexpected(
        Error{"The HSM's key \"" + label + "\" is neither an RSA nor an EC key; make it anew."});
  }
  return key;
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks): the RSA's or EC_KEY's ex_data owns it
}

}  // namespace fncard::server::hsm

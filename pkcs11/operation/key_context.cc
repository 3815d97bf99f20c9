// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/operation/key_context.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

namespace fncard::pkcs11 {

void FreeKeyContext::operator()(EVP_PKEY_CTX* context) const {
  EVP_PKEY_CTX_free(context);
}

Result<KeyContext> keyContext(const KeyInfo& key) {
  const auto publicKey = publicKeyFrom(key.subjectPublicKeyInfo);
  if (!publicKey) {
    return Refusal(publicKey.error());
  }
  KeyContext context(EVP_PKEY_CTX_new_from_pkey(cryptoContext(), publicKey->get(), nullptr));
  if (!context) {
    return hostFailed("public key");
  }
  return context;
}

namespace {

/// By name, so that OpenSSL looks it up in our context and not in the host's.
bool setName(EVP_PKEY_CTX* context, const char* parameter, Hash hash) {
  // OSSL_PARAM takes a pointer that it does not write to
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(parameter, const_cast<char*>(hashName(hash)), 0),
      OSSL_PARAM_construct_end()};
  return EVP_PKEY_CTX_set_params(context, parameters) == 1;
}

}  // namespace

bool setDigest(EVP_PKEY_CTX* context, Hash hash) {
  return setName(context, OSSL_SIGNATURE_PARAM_DIGEST, hash);
}

bool setMgfDigest(EVP_PKEY_CTX* context, Hash hash) {
  return EVP_PKEY_CTX_set_rsa_mgf1_md_name(context, hashName(hash), nullptr) == 1;
}

}  // namespace fncard::pkcs11

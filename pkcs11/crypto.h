// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "card/wire/bytes.h"
#include "pkcs11/status.h"

struct ossl_lib_ctx_st;
struct evp_md_ctx_st;
struct evp_pkey_st;

namespace fncard::pkcs11 {

/// The digests that the module knows. SHA-1 only to check old signatures, and inside OAEP.
enum class Hash { Sha1, Sha224, Sha256, Sha384, Sha512 };

std::size_t hashSize(Hash hash);                          ///< bytes
const char* hashName(Hash hash);                          ///< OpenSSL's name
std::optional<Hash> hashOf(CK_MECHANISM_TYPE digest);     ///< CKM_SHA256 …
std::optional<Hash> hashOfMgf(CK_RSA_PKCS_MGF_TYPE mgf);  ///< CKG_MGF1_SHA256 …

/// OpenSSL's state of this module alone: the host's configuration, engines and providers have no
/// say in it, and loading the module changes nothing for the host. Null when out of memory.
ossl_lib_ctx_st* cryptoContext();

/// A digest that is fed in parts.
class Hasher {
 public:
  static Result<Hasher> start(Hash hash);
  Status update(ByteView part);
  Result<Bytes> finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  explicit Hasher(std::unique_ptr<evp_md_ctx_st, Free> context) : context_(std::move(context)) {}
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

Result<Bytes> digestOf(Hash hash, ByteView data);
Result<Bytes> hmacSha256(ByteView key, ByteView message);

/// MGF1 of RFC 8017 §B.2.1, exclusive-ored into target.
Status mgf1Xor(Hash hash, ByteView seed, std::span<std::uint8_t> target);

Status randomBytes(std::span<std::uint8_t> target);

/// A random handle, never CK_INVALID_HANDLE, below 2^31 so that no caller's integer is too small.
Result<CK_ULONG> randomHandle();

struct FreeKey {
  void operator()(evp_pkey_st* key) const;
};
using PublicKey = std::unique_ptr<evp_pkey_st, FreeKey>;

/// A public key from its SubjectPublicKeyInfo, DER.
Result<PublicKey> publicKeyFrom(ByteView subjectPublicKeyInfo);

}  // namespace fncard::pkcs11

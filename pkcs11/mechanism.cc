// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/mechanism.h"

#include <algorithm>
#include <array>

namespace fncard::pkcs11 {

namespace {

constexpr CK_FLAGS kSign = CKF_HW | CKF_SIGN | CKF_VERIFY;
constexpr CK_FLAGS kVerifyOnly = CKF_VERIFY;  // no new SHA-1 signatures
constexpr CK_FLAGS kDecrypt = CKF_HW | CKF_DECRYPT | CKF_ENCRYPT;
constexpr CK_FLAGS kCurves = CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS;
constexpr CK_FLAGS kDerive = CKF_HW | CKF_DERIVE | kCurves;

constexpr CK_MECHANISM_INFO rsa(CK_FLAGS flags) {
  return {2048, 4096, flags};
}
constexpr CK_MECHANISM_INFO ec(CK_FLAGS flags) {
  return {256, 384, flags | kCurves};
}
constexpr CK_MECHANISM_INFO digest() {
  return {0, 0, CKF_DIGEST};
}

constexpr std::array kMechanisms{
    Mechanism{CKM_RSA_PKCS, Family::RsaPkcs1, {}, rsa(kSign | kDecrypt)},
    Mechanism{CKM_RSA_X_509, Family::RsaRaw, {}, rsa(kSign | kDecrypt)},
    Mechanism{CKM_RSA_PKCS_OAEP, Family::RsaOaep, {}, rsa(kDecrypt)},
    Mechanism{CKM_SHA1_RSA_PKCS, Family::RsaPkcs1, Hash::Sha1, rsa(kVerifyOnly)},
    Mechanism{CKM_SHA224_RSA_PKCS, Family::RsaPkcs1, Hash::Sha224, rsa(kSign)},
    Mechanism{CKM_SHA256_RSA_PKCS, Family::RsaPkcs1, Hash::Sha256, rsa(kSign)},
    Mechanism{CKM_SHA384_RSA_PKCS, Family::RsaPkcs1, Hash::Sha384, rsa(kSign)},
    Mechanism{CKM_SHA512_RSA_PKCS, Family::RsaPkcs1, Hash::Sha512, rsa(kSign)},
    Mechanism{CKM_RSA_PKCS_PSS, Family::RsaPss, {}, rsa(kSign)},
    Mechanism{CKM_SHA224_RSA_PKCS_PSS, Family::RsaPss, Hash::Sha224, rsa(kSign)},
    Mechanism{CKM_SHA256_RSA_PKCS_PSS, Family::RsaPss, Hash::Sha256, rsa(kSign)},
    Mechanism{CKM_SHA384_RSA_PKCS_PSS, Family::RsaPss, Hash::Sha384, rsa(kSign)},
    Mechanism{CKM_SHA512_RSA_PKCS_PSS, Family::RsaPss, Hash::Sha512, rsa(kSign)},
    Mechanism{CKM_ECDSA, Family::Ecdsa, {}, ec(kSign)},
    Mechanism{CKM_ECDSA_SHA1, Family::Ecdsa, Hash::Sha1, ec(kVerifyOnly)},
    Mechanism{CKM_ECDSA_SHA224, Family::Ecdsa, Hash::Sha224, ec(kSign)},
    Mechanism{CKM_ECDSA_SHA256, Family::Ecdsa, Hash::Sha256, ec(kSign)},
    Mechanism{CKM_ECDSA_SHA384, Family::Ecdsa, Hash::Sha384, ec(kSign)},
    Mechanism{CKM_ECDSA_SHA512, Family::Ecdsa, Hash::Sha512, ec(kSign)},
    Mechanism{CKM_ECDH1_DERIVE, Family::Ecdh, {}, ec(kDerive)},
    Mechanism{CKM_ECDH1_COFACTOR_DERIVE, Family::Ecdh, {}, ec(kDerive)},
    Mechanism{CKM_SHA_1, Family::Digest, Hash::Sha1, digest()},
    Mechanism{CKM_SHA224, Family::Digest, Hash::Sha224, digest()},
    Mechanism{CKM_SHA256, Family::Digest, Hash::Sha256, digest()},
    Mechanism{CKM_SHA384, Family::Digest, Hash::Sha384, digest()},
    Mechanism{CKM_SHA512, Family::Digest, Hash::Sha512, digest()},
};

}  // namespace

std::span<const Mechanism> mechanisms() {
  return kMechanisms;
}

Result<const Mechanism*> findMechanism(CK_MECHANISM_TYPE type, CK_FLAGS flags) {
  const auto* const found = std::ranges::find(kMechanisms, type, &Mechanism::type);
  if (found == kMechanisms.end() || (found->info.flags & flags) != flags) {
    return mechanismInvalid(type);
  }
  return found;
}

bool isRsaFamily(Family family) {
  switch (family) {
    case Family::RsaPkcs1:
    case Family::RsaPss:
    case Family::RsaRaw:
    case Family::RsaOaep:
      return true;
    case Family::Ecdsa:
    case Family::Ecdh:
    case Family::Digest:
      return false;
  }
  return false;
}

}  // namespace fncard::pkcs11

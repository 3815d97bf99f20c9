// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/operation/preconditions.h"

namespace fncard::pkcs11 {

namespace {

struct Use {
  CK_OBJECT_CLASS keyClass;
  CK_ATTRIBUTE_TYPE permission;
};

Use useOf(CK_FLAGS use) {
  switch (use) {
    case CKF_SIGN:
      return {CKO_PRIVATE_KEY, CKA_SIGN};
    case CKF_DECRYPT:
      return {CKO_PRIVATE_KEY, CKA_DECRYPT};
    case CKF_DERIVE:
      return {CKO_PRIVATE_KEY, CKA_DERIVE};
    case CKF_ENCRYPT:
      return {CKO_PUBLIC_KEY, CKA_ENCRYPT};
    default:
      return {CKO_PUBLIC_KEY, CKA_VERIFY};
  }
}

bool takesParameter(Family family) {
  return family == Family::RsaPss || family == Family::RsaOaep || family == Family::Ecdh;
}

}  // namespace

Result<const Mechanism*> checkUse(const CK_MECHANISM& mechanism, const Object& key, CK_FLAGS use) {
  auto found = findMechanism(mechanism.mechanism, use);
  if (!found) {
    return found;
  }
  const Family family = (*found)->family;
  const auto [keyClass, permission] = useOf(use);
  if (key.objectClass() != CKO_PRIVATE_KEY && key.objectClass() != CKO_PUBLIC_KEY &&
      key.objectClass() != CKO_SECRET_KEY) {
    return keyUnknown();  // an object, but no key (§5.1.6)
  }
  if (key.objectClass() != keyClass || key.key() == nullptr) {
    return refuse(CKR_KEY_TYPE_INCONSISTENT, "not a key for this");
  }
  if (key.key()->rsa() != isRsaFamily(family)) {
    return refuse(CKR_KEY_TYPE_INCONSISTENT, "a key of another kind");
  }
  if (!key.flag(permission)) {
    return refuse(CKR_KEY_FUNCTION_NOT_PERMITTED, "the key is for another use");
  }
  if (!takesParameter(family) && mechanism.ulParameterLen != 0) {
    return mechanismParameterInvalid("the mechanism has no parameter");
  }
  return found;
}

}  // namespace fncard::pkcs11

// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/operation/digest_operation.h"

namespace fncard::pkcs11 {

Result<DigestOperation> DigestOperation::start(const CK_MECHANISM& mechanism) {
  const auto kind = findMechanism(mechanism.mechanism, CKF_DIGEST);
  if (!kind) {
    return Refusal(kind.error());
  }
  if (mechanism.ulParameterLen != 0) {
    return mechanismParameterInvalid("the mechanism has no parameter");
  }
  auto hasher = Hasher::start(*(*kind)->hash);
  if (!hasher) {
    return passOn(hasher);
  }
  return DigestOperation(*(*kind)->hash, std::move(*hasher));
}

Status DigestOperation::update(ByteView part) {
  updated_ = true;
  return hasher_.update(part);
}

}  // namespace fncard::pkcs11

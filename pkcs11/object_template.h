// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "pkcs11/object.h"

/// Session objects from the templates of applications, PKCS #11 §5.7: RSA and EC public keys, X.509
/// certificates and data. The card itself keeps what it was issued with.
namespace fncard::pkcs11 {

/// C_CreateObject. CKR_TEMPLATE_INCOMPLETE, CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_TYPE_INVALID,
/// CKR_ATTRIBUTE_VALUE_INVALID (also for classes that are not made), CKR_ATTRIBUTE_READ_ONLY for
/// CKA_TRUSTED, CKR_TOKEN_WRITE_PROTECTED for an object that should stay on the card.
Result<std::shared_ptr<const Object>> createdFrom(std::span<const CK_ATTRIBUTE> given);

/// C_CopyObject: the same with another label, CKA_ID or, more closely kept, CKA_PRIVATE,
/// CKA_SENSITIVE, CKA_EXTRACTABLE, CKA_MODIFIABLE, CKA_DESTROYABLE. CKR_ACTION_PROHIBITED for what
/// is not to be copied.
Result<std::shared_ptr<const Object>> copiedFrom(const Object& object,
                                                 std::span<const CK_ATTRIBUTE> given);

/// C_SetAttributeValue: label, CKA_ID, and CKA_SENSITIVE and CKA_EXTRACTABLE in the closer
/// direction. CKR_ACTION_PROHIBITED for what is not modifiable, CKR_ATTRIBUTE_READ_ONLY for other
/// attributes.
Result<std::shared_ptr<const Object>> changedBy(const Object& object,
                                                std::span<const CK_ATTRIBUTE> given);

}  // namespace fncard::pkcs11

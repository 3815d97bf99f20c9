// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "card/wire/bytes.h"
#include "pkcs11/cryptoki.h"

namespace fncard::test {

/// The module through its C functions, on whatever platform a test gives it. Finalised at the end.
class CryptokiCalls : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  CK_SESSION_HANDLE open(CK_FLAGS flags = 0);
  CK_RV login(CK_SESSION_HANDLE session, std::string_view pin = "123456",
              CK_USER_TYPE user = CKU_USER);
  std::vector<CK_OBJECT_HANDLE> findAll(CK_SESSION_HANDLE session,
                                        std::vector<CK_ATTRIBUTE> wanted = {});
  /// The one object of a class and CKA_ID; CK_INVALID_HANDLE when there is none.
  CK_OBJECT_HANDLE findOne(CK_SESSION_HANDLE session, CK_OBJECT_CLASS objectClass, CK_BYTE id);
  Bytes attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);
  CK_FLAGS tokenFlags();
  CK_STATE state(CK_SESSION_HANDLE session);

  static constexpr CK_BYTE kSignatureId = 2;
  static constexpr CK_BYTE kEncryptionId = 3;

  const CK_FUNCTION_LIST* p11 = nullptr;
};

}  // namespace fncard::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>

#include "pkcs11/cryptoki.h"
#include "tests/pkcs11/fake_card.h"

namespace fncard::test {

/// A PC with one reader and one card, and the module initialised on it, through its C functions.
class ModuleTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  void start(card::KeyAlgorithm algorithm = card::KeyAlgorithm::Rsa2048);

  CK_SESSION_HANDLE open(CK_FLAGS flags = 0);
  CK_RV login(CK_SESSION_HANDLE session, std::string_view pin = "123456",
              CK_USER_TYPE user = CKU_USER);
  std::vector<CK_OBJECT_HANDLE> findAll(CK_SESSION_HANDLE session,
                                        std::vector<CK_ATTRIBUTE> wanted = {});
  /// The one object of a class and CKA_ID; CK_INVALID_HANDLE when there is none.
  CK_OBJECT_HANDLE findOne(CK_SESSION_HANDLE session, CK_OBJECT_CLASS objectClass, CK_BYTE id);
  Bytes attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);

  static constexpr CK_BYTE kSignatureId = 2;
  static constexpr CK_BYTE kEncryptionId = 3;

  /// Two certificates, two public keys, three profiles.
  static constexpr std::size_t kPublicObjects = 7;

  const CK_FUNCTION_LIST* p11 = nullptr;
  FakePc pc;
  std::shared_ptr<FakeCardState> cardState;
};

}  // namespace fncard::test

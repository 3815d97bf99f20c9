// SPDX-License-Identifier: Apache-2.0
#include "tests/pkcs11/module_test.h"

namespace fncard::test {

void ModuleTest::SetUp() {
  CryptokiCalls::SetUp();
  pkcs11::module::setPlatform([this] { return pc.platform(); });
}

void ModuleTest::start(card::KeyAlgorithm algorithm) {
  cardState = makeFakeCard(algorithm);
  pc.put("Reader", cardState);
  ASSERT_EQ(p11->C_Initialize(nullptr), CKR_OK);
}

}  // namespace fncard::test

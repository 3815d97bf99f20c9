// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/pkcs11/cryptoki_calls.h"
#include "tests/pkcs11/fake_card.h"

namespace fncard::test {

/// A PC with one reader and one card, and the module initialised on it, through its C functions.
class ModuleTest : public CryptokiCalls {
 protected:
  void SetUp() override;

  void start(card::KeyAlgorithm algorithm = card::KeyAlgorithm::Rsa2048);

  /// Two certificates, two public keys, three profiles.
  static constexpr std::size_t kPublicObjects = 7;

  FakePc pc;
  std::shared_ptr<FakeCardState> cardState;
};

}  // namespace fncard::test

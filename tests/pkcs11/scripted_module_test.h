// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "card/card.h"
#include "pkcs11/module.h"
#include "tests/card/pcsc/scripted_pcsc.h"
#include "tests/card/support/memory_card.h"
#include "tests/pkcs11/cryptoki_calls.h"

namespace fncard::test {

/// The module on the card library, with a scripted PC/SC library below and the small card in
/// memory: what goes over the wire can be seen.
class ScriptedModuleTest : public CryptokiCalls {
 protected:
  void SetUp() override {
    CryptokiCalls::SetUp();
    setenv("FNCARD_CACHE", "off", 1);  // NOLINT(concurrency-mt-unsafe): one thread
    pc.reset();
    pc.addReader(reader);
    pc.insertCard(reader, [this](ByteView command) {
      commands.emplace_back(command.begin(), command.end());
      if (const auto fault = faults.find(command[1]); fault != faults.end()) {
        const Bytes instead = fault->second;
        faults.erase(fault);
        return instead;
      }
      return cardState->process(command).encode();
    });
    pkcs11::module::setPlatform([this] {
      pkcs11::Platform platform{.readers = card::makePcscService(), .settings = settings};
      platform.openCard = [readers = platform.readers.get()](const std::string& name) {
        return card::openCard(*readers, name);
      };
      return platform;
    });
  }
  void TearDown() override {
    CryptokiCalls::TearDown();
    pc.reset();
  }

  CK_RV beginSignature() {
    CK_MECHANISM mechanism{rsa ? CKM_SHA256_RSA_PKCS : CKM_ECDSA, nullptr, 0};
    return p11->C_SignInit(session, &mechanism, findOne(session, CKO_PRIVATE_KEY, kSignatureId));
  }
  CK_RV finishSignature() {
    CK_BYTE digest[32] = {1};
    CK_BYTE signature[256];
    CK_ULONG size = sizeof(signature);
    return p11->C_Sign(session, digest, sizeof(digest), signature, &size);
  }

  /// One of its own for each test: that a reader has no extended length is remembered by its name.
  const std::string reader =
      std::string("Reader of ") + testing::UnitTest::GetInstance()->current_test_info()->name();
  card::testing::ScriptedPcsc& pc = card::testing::ScriptedPcsc::instance();
  bool rsa = false;
  std::unique_ptr<card::testing::MemoryCard> cardState =
      card::testing::personalisedCard(card::KeyAlgorithm::EcP256);
  pkcs11::Settings settings{.authorities = {}};
  std::vector<Bytes> commands;  ///< what came from the PC, in order
  /// By instruction: what the next such commands get instead of the card's answer.
  std::multimap<std::uint8_t, Bytes> faults;
  CK_SESSION_HANDLE session = 0;
};

}  // namespace fncard::test

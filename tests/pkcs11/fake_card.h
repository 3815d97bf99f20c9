// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "card/card.h"
#include "pkcs11/module.h"

struct evp_pkey_st;

namespace fncard::test {

/// A key pair in software with a certificate of its own.
struct FakeKey {
  std::shared_ptr<evp_pkey_st> pair;
  Bytes certificate;
  card::KeyAlgorithm algorithm = card::KeyAlgorithm::Rsa2048;

  /// The same key for each call: making RSA keys takes long.
  static const FakeKey& of(card::KeyAlgorithm algorithm);
};

/// A card in memory. Everything may be changed by a test at any time under its own care.
struct FakeCardState {
  card::CardIdentity identity;
  std::string pin = "123456";
  unsigned triesLeft = 3;
  std::map<card::KeyRole, FakeKey> keys;
  /// The next operation fails with this.
  std::optional<card::ErrorCode> nextError;
  bool verified = false;             ///< the right PIN was given, and the card not reset since
  bool foreign = false;              ///< a card that is not ours
  std::vector<std::string> log;      ///< what was asked of the card, in order
  int confirmations = 0;             ///< of certificates, which are not in the log
  std::atomic<int> transactions{0};  ///< that are going on
  std::atomic<int> connections{0};   ///< that are open
  /// What happens in the middle of an operation, by its name in the log.
  std::map<std::string, std::function<void()>> during;
};

std::shared_ptr<FakeCardState> makeFakeCard(card::KeyAlgorithm algorithm,
                                            std::string cardNumber = "AB12345678901234");

/// Readers and cards of a PC in memory.
class FakePc {
 public:
  /// The reader is made when it is new; no card when null.
  void put(const std::string& reader, std::shared_ptr<FakeCardState> card);
  void unplug(const std::string& reader);
  /// As when pcscd is not there.
  void stopService(bool stopped);

  pkcs11::Platform platform();
  /// What the configuration says; no folder of authorities.
  pkcs11::Settings settings{.authorities = {}};

  struct Reader {
    std::shared_ptr<FakeCardState> card;
    std::uint32_t eventCount = 0;
  };
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, Reader> readers;
  bool stopped = false;
  bool busy = false;  ///< another program is in a transaction, which nobody here sees the end of
  unsigned cancels = 0;
  unsigned waits = 0;  ///< how many threads wait right now
};

}  // namespace fncard::test

// SPDX-License-Identifier: Apache-2.0
// One application of the soak: signs on its cards through the PKCS#11 module, recovers as an
// application does when a card goes, and tells each step on its standard output, one line each:
//   attempt CARD | verified CARD | error CARD STEP CODE | wrong CARD | sample RSS-KIB DESCRIPTORS |
//   done
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/support/certificate_key.h"
#include "tests/support/module_client.h"

namespace fncard::test {
namespace {

using Clock = std::chrono::steady_clock;

struct WantedCard {
  int number = 1;  ///< as scripts/with-card counts
  std::string serialNumber;
  std::string pin;
  CertificateKey key;
};

struct OpenCard {
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  PrivateKey key;
};

struct Failed {
  const char* step;
  CK_RV rv;
};

void tell(const std::string& line) {
  std::cout << line << std::endl;  // a line is a step: it must be out before the next one begins
}

/// What an application expects when cards are pulled: it opens a session again.
bool isRecoverable(CK_RV rv) {
  switch (rv) {
    case CKR_DEVICE_REMOVED:
    case CKR_TOKEN_NOT_PRESENT:
    case CKR_TOKEN_NOT_RECOGNIZED:  // pulled while the module looked who it is
    case CKR_SESSION_HANDLE_INVALID:
    case CKR_SESSION_CLOSED:
    case CKR_OBJECT_HANDLE_INVALID:
    case CKR_KEY_HANDLE_INVALID:
    case CKR_USER_NOT_LOGGED_IN:
    case CKR_DEVICE_ERROR:  // these two: the card lost its session, unseen by the reader, between
    case CKR_FUNCTION_FAILED:  // the PIN and the signature
      return true;
    default:
      return false;
  }
}

class Worker {
 public:
  Worker(ModuleClient module, std::vector<WantedCard> cards, bool waits)
      : module_(module), cards_(std::move(cards)), waits_(waits) {}

  /// At least count signatures, and until then. False after an error that no application expects.
  bool work(int count, Clock::time_point until) {
    for (int done = 0; done < count || Clock::now() < until;) {
      const WantedCard& card = cards_[static_cast<std::size_t>(attempts_++) % cards_.size()];
      const std::string name = std::to_string(card.number);
      tell("attempt " + name);
      const auto failed = signOnce(card, done);
      if (!failed) {
        tell("verified " + name);
        sampleNow(++done);
        continue;
      }
      std::ostringstream line;
      line << "error " << name << ' ' << failed->step << " 0x" << std::hex << failed->rv;
      tell(line.str());
      if (!isRecoverable(failed->rv)) {
        return false;
      }
      forget(card);
    }
    return true;
  }

 private:
  /// Nothing when the signature is right by the certificate of the card that was meant.
  std::optional<Failed> signOnce(const WantedCard& card, int round) {
    if (!open_.contains(card.number)) {
      if (const auto failed = openCard(card)) {
        return failed;
      }
    }
    const OpenCard& open = open_.at(card.number);
    const std::string text = "soak " + std::to_string(getpid()) + " " + std::to_string(round);
    const Bytes bytes(text.begin(), text.end());
    const auto signature = module_.sign(open.session, open.key, bytes, card.pin);
    if (!signature) {
      return Failed{"sign", signature.error()};
    }
    if (!card.key.verifies(bytes, *signature)) {
      tell("wrong " + std::to_string(card.number));
      return Failed{"verify", CKR_SIGNATURE_INVALID};
    }
    return std::nullopt;
  }

  std::optional<Failed> openCard(const WantedCard& card) {
    OpenCard open;
    for (;; waitForChange()) {
      const auto slots = module_.slots();
      if (!slots) {
        return Failed{"slots", slots.error()};
      }
      for (const CK_SLOT_ID slot : *slots) {
        if (module_.serialNumber(slot) != card.serialNumber) {
          continue;
        }
        const auto session = module_.open(slot);
        if (!session) {
          return Failed{"open", session.error()};
        }
        open.session = *session;
        // asked again: cards may have changed places in between, and the session is of the card
        // that was there then
        if (module_.serialNumber(slot) == card.serialNumber) {
          return logIn(card, open);
        }
        module_->C_CloseSession(open.session);
      }
    }
  }

  std::optional<Failed> logIn(const WantedCard& card, OpenCard open) {
    const CK_RV rv = module_.login(open.session, CKU_USER, card.pin);
    if (rv != CKR_OK && rv != CKR_USER_ALREADY_LOGGED_IN) {
      module_->C_CloseSession(open.session);
      return Failed{"login", rv};
    }
    const auto key = module_.privateKey(open.session, kSignatureId);
    if (!key) {
      module_->C_CloseSession(open.session);
      return Failed{"find", key.error()};
    }
    open.key = *key;
    open_[card.number] = open;
    return std::nullopt;
  }

  void forget(const WantedCard& card) {
    if (const auto open = open_.find(card.number); open != open_.end()) {
      module_->C_CloseSession(open->second.session);
      open_.erase(open);
    }
  }

  /// Some applications wait for an event, others look again and again.
  void waitForChange() const {
    CK_SLOT_ID slot = 0;
    if (!waits_ || module_->C_WaitForSlotEvent(0, &slot, nullptr) != CKR_OK) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  static void sampleNow(int done) {
    constexpr int kEvery = 5;
    if (done % kEvery != 0) {
      return;
    }
    std::ifstream statm("/proc/self/statm");
    long pages = 0;
    long resident = 0;
    statm >> pages >> resident;
    std::error_code ignored;
    const auto descriptors =
        std::distance(std::filesystem::directory_iterator("/proc/self/fd", ignored), {});
    tell("sample " + std::to_string(resident * sysconf(_SC_PAGESIZE) / 1024) + " " +
         std::to_string(descriptors));
  }

  ModuleClient module_;
  std::vector<WantedCard> cards_;
  bool waits_;
  long attempts_ = 0;
  std::map<int, OpenCard> open_;
};

/// The card of scripts/with-card with this number; nothing when its folder is not as expected.
std::optional<WantedCard> wantedCard(int number) {
  const std::string suffix = number == 1 ? "" : "_" + std::to_string(number);
  const std::string folder = environment(("FNCARD_CARD_DIR" + suffix).c_str());
  auto key = CertificateKey::fromPemFile(folder + "/signature.pem");
  std::ifstream file(folder + "/card.json");
  const auto facts = nlohmann::json::parse(file, nullptr, false);
  if (!key || !facts.is_object() || !facts.contains("cardNumber")) {
    return std::nullopt;
  }
  return WantedCard{.number = number,
                    .serialNumber = facts["cardNumber"].get<std::string>(),
                    .pin = environment(("FNCARD_PIN" + suffix).c_str()),
                    .key = std::move(*key)};
}

int run(const std::vector<int>& numbers, int count, int seconds, bool waits) {
  const auto library = ModuleLibrary::load(environment("FNCARD_MODULE"));
  std::vector<WantedCard> cards;
  for (const int number : numbers) {
    if (auto card = wantedCard(number)) {
      cards.push_back(std::move(*card));
    }
  }
  if (!library || cards.size() != numbers.size() ||
      library->functions()->C_Initialize(nullptr) != CKR_OK) {
    std::cerr << "fncard-soak-worker: no module or no card\n";
    return 1;
  }
  const bool good = Worker(ModuleClient(library->functions()), std::move(cards), waits)
                        .work(count, Clock::now() + std::chrono::seconds(seconds));
  library->functions()->C_Finalize(nullptr);
  if (good) {
    tell("done");
  }
  return good ? 0 : 1;
}

}  // namespace
}  // namespace fncard::test

int main(int argc, char** argv) {
  CLI::App app("One application of the soak, under scripts/with-card; the supervisor is soak.py");
  std::vector<int> cards{1};
  int count = 1;
  int seconds = 0;
  bool waits = false;
  app.add_option("--card", cards, "1, 2, or both in turn")->check(CLI::Range(1, 2));
  app.add_option("--signatures", count, "how many at least");
  app.add_option("--seconds", seconds, "how long at least");
  app.add_flag("--wait", waits, "C_WaitForSlotEvent instead of looking again and again");
  CLI11_PARSE(app, argc, argv);
  return fncard::test::run(cards, count, seconds, waits);
}

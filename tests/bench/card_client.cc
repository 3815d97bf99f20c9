// SPDX-License-Identifier: Apache-2.0
// One measurement of `scripts/bench card`, in a process of its own: loads any PKCS#11 module, does
// one phase, and prints what the card counted as one line of JSON. What the module makes is judged
// by OpenSSL; anything wrong ends the program with 1.
#include <winscard.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstring>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "hw-sim/simulator.h"
#include "tests/support/certificate_key.h"
#include "tests/support/module_client.h"

namespace fncard::test {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& sentence) {
  std::cerr << "fncard-bench-card: " << sentence << "\n";
  std::exit(1);  // NOLINT(concurrency-mt-unsafe): the only thread
}

template <typename T>
T want(Answer<T> answer, const char* step) {
  if (!answer) {
    std::ostringstream sentence;
    sentence << step << " is refused with 0x" << std::hex << answer.error();
    fail(sentence.str());
  }
  return std::move(*answer);
}

void want(bool holds, const char* step) {
  if (!holds) {
    fail(step);
  }
}

/// The counters of the simulated card's status line: apdus, bytes-in, bytes-out, modelled-us, as
/// many of them as it has.
std::map<std::string, long> counters() {
  const auto status = hw_sim::sendControl(environment("FNCARD_SIM_CONTROL"), "status");
  if (!status) {
    fail(status.error());
  }
  std::map<std::string, long> found;
  std::istringstream words(*status);
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (name == "apdus" || name == "bytes-in" || name == "bytes-out" || name == "modelled-us") {
      found[name] = std::stol(word.substr(equals + 1));
    }
  }
  return found;
}

/// What one piece of work costs.
template <typename Work>
json measure(Work work) {
  const auto before = counters();
  const auto began = Clock::now();
  work();
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  json cost{{"wall-seconds", seconds}};
  for (const auto& [name, value] : counters()) {
    cost[name] = value - before.at(name);
  }
  return cost;
}

/// Keeps the card powered from before the measurement, as it is on a desk where any other program
/// looks at readers: else the cost of the power-on falls into a measurement or not, by chance.
class PoweredCard {
 public:
  PoweredCard() {
    DWORD protocol = 0;
    want(
        SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context_) == SCARD_S_SUCCESS &&
            SCardConnect(context_, environment("FNCARD_READER").c_str(), SCARD_SHARE_SHARED,
                         SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card_,
                         &protocol) == SCARD_S_SUCCESS,
        "the card cannot be powered");
  }
  ~PoweredCard() {
    SCardDisconnect(card_, SCARD_LEAVE_CARD);
    SCardReleaseContext(context_);
  }
  PoweredCard(const PoweredCard&) = delete;
  PoweredCard& operator=(const PoweredCard&) = delete;

 private:
  SCARDCONTEXT context_ = 0;
  SCARDHANDLE card_ = 0;
};

class Bench {
 public:
  explicit Bench(const CK_FUNCTION_LIST* functions)
      : module_(functions), pin_(environment("FNCARD_PIN")) {}

  json run(const std::string& phase, int repeat) {
    json costs = json::array();
    if (phase == "list") {
      costs.push_back(measure([this] { list(); }));
    } else if (phase == "login") {
      list();
      costs.push_back(measure([this] { logIn(); }));
    } else if (phase == "cold-sign") {
      costs.push_back(measure([this] { signCold(); }));
    } else if (phase == "warm-sign") {
      signCold();
      for (int i = 0; i < repeat; ++i) {
        costs.push_back(measure([this] { sign(); }));
      }
    } else if (phase == "relist") {
      list();
      costs.push_back(measure([this] { listAgain(); }));
    } else {
      list();
      logIn();
      const auto key = want(module_.privateKey(session_, kKeyManagementId), "the second key");
      const auto judge = certificateKey(kKeyManagementId);
      costs.push_back(key.type == CKK_RSA ? decrypt(key, judge) : derive(key, judge));
    }
    CK_INFO info;
    want(module_->C_GetInfo(&info) == CKR_OK, "C_GetInfo fails");
    module_->C_Finalize(nullptr);
    return {{"version", std::to_string(info.libraryVersion.major) + "." +
                            std::to_string(info.libraryVersion.minor)},
            {"costs", costs}};
  }

 private:
  void open() {
    want(module_->C_Initialize(nullptr) == CKR_OK, "C_Initialize fails");
    openSession();
  }

  void openSession() {
    const auto slots = want(module_.slots(), "C_GetSlotList");
    want(!slots.empty(), "no token is seen");
    session_ = want(module_.open(slots.front()), "C_OpenSession");
  }

  void list() {
    open();
    listObjects();
  }

  /// As NSS does before each use of a token: is it still there and the same, and what is on it?
  void listAgain() {
    const auto slots = want(module_.slots(), "C_GetSlotList");
    CK_SLOT_INFO slot;
    CK_TOKEN_INFO token;
    CK_SESSION_INFO session;
    want(module_->C_GetSlotInfo(slots.front(), &slot) == CKR_OK &&
             module_->C_GetTokenInfo(slots.front(), &token) == CKR_OK &&
             module_->C_GetSessionInfo(session_, &session) == CKR_OK,
         "a question about the token");
    openSession();
    listObjects();
  }

  /// All objects with class, CKA_ID and the values of certificates.
  void listObjects() {
    int certificates = 0;
    for (const auto object : want(module_.find(session_), "the search")) {
      CK_OBJECT_CLASS objectClass = 0;
      const Bytes bytes = want(module_.attribute(session_, object, CKA_CLASS), "CKA_CLASS");
      std::memcpy(&objectClass, bytes.data(), std::min(bytes.size(), sizeof objectClass));
      if (objectClass == CKO_CERTIFICATE) {
        want(module_.attribute(session_, object, CKA_ID), "CKA_ID");
        want(CertificateKey::fromDer(
                 want(module_.attribute(session_, object, CKA_VALUE), "CKA_VALUE"))
                 .has_value(),
             "a certificate cannot be read");
        ++certificates;
      }
    }
    want(certificates >= 2, "certificates are missing");
  }

  void logIn() { want(module_.login(session_, CKU_USER, pin_) == CKR_OK, "C_Login fails"); }

  CertificateKey certificateKey(CK_BYTE id) const {
    auto key = CertificateKey::fromDer(want(module_.certificate(session_, id), "a certificate"));
    want(key.has_value(), "a certificate cannot be read");
    return std::move(*key);
  }

  void sign() {
    const Bytes text{'b', 'e', 'n', 'c', 'h'};
    const auto signature = want(module_.sign(session_, *signing_, text, pin_), "a signature");
    want(judge_->verifies(text, signature), "a signature is wrong");
  }

  /// From C_Initialize to the first signature, its certificate read.
  void signCold() {
    open();
    logIn();
    signing_ = want(module_.privateKey(session_, kSignatureId), "the signing key");
    judge_ = certificateKey(kSignatureId);
    sign();
  }

  json decrypt(const PrivateKey& key, const CertificateKey& judge) const {
    const Bytes text{'b', 'e', 'n', 'c', 'h'};
    const Bytes ciphertext = judge.encrypt(text);
    Bytes plain;
    json cost =
        measure([&] { plain = want(module_.decrypt(session_, key, ciphertext), "a decryption"); });
    want(plain == text, "a decryption is wrong");
    return cost;
  }

  json derive(const PrivateKey& key, const CertificateKey& judge) const {
    const auto agreed = judge.agreeWithNewKey();
    want(agreed.has_value(), "no key pair on this curve");
    const auto& [point, secret] = *agreed;
    Bytes derived;
    json cost = measure([&, &point = point, &secret = secret] {
      derived = want(module_.derive(session_, key, point, secret.size()), "a derivation");
    });
    want(derived == secret, "a derived secret is wrong");
    return cost;
  }

  PoweredCard powered_;
  ModuleClient module_;
  std::string pin_;
  CK_SESSION_HANDLE session_ = CK_INVALID_HANDLE;
  std::optional<PrivateKey> signing_;
  std::optional<CertificateKey> judge_;
};

}  // namespace
}  // namespace fncard::test

int main(int argc, char** argv) {
  CLI::App app("One measurement of scripts/bench card, under scripts/with-card");
  std::string path;
  std::string phase;
  int repeat = 1;
  app.add_option("--module", path, "a PKCS#11 module")->required();
  app.add_option("--phase", phase)
      ->required()
      ->check(CLI::IsMember({"list", "login", "cold-sign", "warm-sign", "decrypt", "relist"}));
  app.add_option("--repeat", repeat, "signatures of warm-sign");
  CLI11_PARSE(app, argc, argv);
  const auto library = fncard::test::ModuleLibrary::load(path);
  if (!library) {
    std::cerr << "fncard-bench-card: " << library.error() << "\n";
    return 1;
  }
  std::cout << fncard::test::Bench(library->functions()).run(phase, repeat).dump() << "\n";
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// The library on a real PC/SC service and the simulated card. Run by scripts/with-card; the tests
// take turns with the one reader, each in a process of its own.
#include <gtest/gtest.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <winscard.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "card/card.h"
#include "card/certificate_key.h"
#include "card/signature_input.h"
#include "tests/card/pcsc/simulator_control.h"
#include "tests/card/support/memory_card.h"

namespace fncard::card {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using testing::control;
using testing::exchangesInLog;
using testing::fromEnvironment;

Pin pin() {
  return testing::makePin(fromEnvironment("FNCARD_PIN"));
}
std::string reader() {
  return fromEnvironment("FNCARD_READER");
}

/// VERIFY and a signature that the certificate verifies.
Result<void> sign(CardApplication& application, const Bytes& certificate) {
  const auto algorithm = keyAlgorithmOfCertificate(certificate);
  if (auto verified = application.verifyPin(pin()); !verified) {
    return verified;
  }
  const Bytes message{'t', 'e', 'x', 't'};
  const auto signature = application.sign(KeyRole::Signature, *algorithm,
                                          sha256SignatureInput(*algorithm, sha256(message)));
  if (!signature) {
    return tl::unexpected(signature.error());
  }
  const std::uint8_t* at = certificate.data();
  X509* x509 = d2i_X509(nullptr, &at, static_cast<long>(certificate.size()));
  EXPECT_TRUE(testing::verifySha256(X509_get0_pubkey(x509), message, *signature));
  X509_free(x509);
  return {};
}

/// Another program: PC/SC itself, without the library.
class OtherProgram {
 public:
  OtherProgram() {
    EXPECT_EQ(SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context_), 0);
    DWORD protocol = 0;
    EXPECT_EQ(SCardConnect(context_, reader().c_str(), SCARD_SHARE_SHARED,
                           SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card_, &protocol),
              0);
    request_ = protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
  }
  ~OtherProgram() {
    SCardDisconnect(card_, SCARD_LEAVE_CARD);
    SCardReleaseContext(context_);
  }
  OtherProgram(const OtherProgram&) = delete;
  OtherProgram& operator=(const OtherProgram&) = delete;

  void selectAnotherApplication() {
    const Bytes select{0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x01, 0x51, 0x00};
    Bytes answer(258);
    DWORD size = static_cast<DWORD>(answer.size());
    EXPECT_EQ(SCardTransmit(card_, request_, select.data(), static_cast<DWORD>(select.size()),
                            nullptr, answer.data(), &size),
              0);
  }
  void resetCard() {
    DWORD protocol = 0;
    EXPECT_EQ(SCardReconnect(card_, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                             SCARD_RESET_CARD, &protocol),
              0);
  }

 private:
  SCARDCONTEXT context_ = 0;
  SCARDHANDLE card_ = 0;
  const SCARD_IO_REQUEST* request_ = nullptr;
};

class RealService : public ::testing::Test {
 protected:
  void SetUp() override {
    auto card = openCard(*service_, reader());
    ASSERT_TRUE(card.has_value()) << card.error().detail;
    card_ = std::move(*card);
    certificate_ = *(*card_->begin())->readCertificate(KeyRole::Signature);
  }

  /// Takes the card out or puts it in, and waits until the service has seen it.
  void move(const std::string& command, bool present) {
    control(command);
    waitUntil(present);
  }

  void waitUntil(bool present) {
    auto known = service_->readers();
    ASSERT_TRUE(known.has_value());
    while (known->front().cardPresent != present) {
      known = service_->waitForChange(*known, minutes(1));
      ASSERT_TRUE(known.has_value()) << known.error().detail;
    }
  }

  std::unique_ptr<ReaderService> service_ = makePcscService();
  std::unique_ptr<Card> card_;
  Bytes certificate_;
};

TEST_F(RealService, SignsAndCountsTheCommandsItShould) {
  EXPECT_FALSE(card_->identity().cardNumber.empty());
  const int before = exchangesInLog();
  EXPECT_TRUE(sign(**card_->begin(), certificate_).has_value());
  EXPECT_LE(exchangesInLog() - before, 4);
}

TEST_F(RealService, TellsOfRemovalAndInsertionAndSpendsTheCard) {
  move("remove", false);
  const auto gone = card_->begin();
  ASSERT_FALSE(gone.has_value());
  EXPECT_EQ(gone.error().code, ErrorCode::CardRemoved);
  EXPECT_EQ(openAnyCard(*service_).error().code, ErrorCode::NoCard);
  move("insert", true);
  EXPECT_EQ(card_->begin().error().code, ErrorCode::CardRemoved);
  const auto again = openAnyCard(*service_, "Virtual");
  ASSERT_TRUE(again.has_value()) << again.error().detail;
  EXPECT_EQ((*again)->identity(), card_->identity());
}

TEST_F(RealService, ACardPulledAtAnyCommandIsARemovalAndItsPinKeepsItsTries) {
  for (const auto* kind : {"before", "after"}) {
    for (int nth = 1; nth <= 2; ++nth) {
      {
        const auto application = card_->begin();
        ASSERT_TRUE(application.has_value()) << application.error().detail;
        control("fault " + std::string(kind) + " " + std::to_string(nth) + " remove");
        const auto signedText = sign(**application, certificate_);
        ASSERT_FALSE(signedText.has_value());
        EXPECT_EQ(signedText.error().code, ErrorCode::CardRemoved) << signedText.error().detail;
      }
      waitUntil(false);
      move("insert", true);
      card_ = std::move(*openCard(*service_, reader()));
      EXPECT_EQ((*card_->begin())->pinStatus()->triesLeft, 3U);
    }
  }
}

TEST_F(RealService, FindsBackAfterAnotherProgramsReset) {
  OtherProgram other;
  other.resetCard();
  EXPECT_TRUE(sign(**card_->begin(), certificate_).has_value());
}

TEST_F(RealService, FindsBackAfterAnotherProgramSelectedAnotherApplication) {
  OtherProgram other;
  other.selectAnotherApplication();
  EXPECT_TRUE(sign(**card_->begin(), certificate_).has_value());
}

TEST_F(RealService, FindsBackWhenTheCardForgotEverythingUnseen) {
  control("reset");
  EXPECT_TRUE(sign(**card_->begin(), certificate_).has_value());
}

TEST_F(RealService, ThreadsThatShareACardTakeTurns) {
  std::atomic<int> done = 0;
  const auto work = [&] {
    for (int i = 0; i < 5; ++i) {
      done += sign(**card_->begin(), certificate_).has_value() ? 1 : 0;
    }
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_EQ(done, 10);
}

TEST_F(RealService, CancelEndsTheWaitOfAnotherThread) {
  const auto known = service_->readers();
  for (int i = 0; i < 20; ++i) {
    std::thread waiter([&] {
      EXPECT_EQ(service_->waitForChange(*known, hours(1)).error().code, ErrorCode::Cancelled);
    });
    service_->cancelWait();
    waiter.join();
  }
}

TEST_F(RealService, ACancelEndsAWaitThatSleeps) {
  // the scripted tests have every race; this is libpcsclite's own sleep
  const auto known = service_->readers();
  for (int i = 0; i < 5; ++i) {
    std::thread waiter([&] {
      EXPECT_EQ(service_->waitForChange(*known, hours(1)).error().code, ErrorCode::Cancelled);
    });
    std::this_thread::sleep_for(
        milliseconds(10 * i));  // anywhere on its way or asleep: all are good
    service_->cancelWait();
    waiter.join();
  }
  EXPECT_TRUE(service_->waitForChange(*known, milliseconds(1)).has_value());
}

TEST_F(RealService, ACardSwappedBeforeTheWaitBeginsIsToldByItsCount) {
  move("remove", false);
  move("insert", true);
  const auto known = service_->readers();
  ASSERT_GT(known->front().eventCount, 0U);
  move("remove", false);
  move("insert", true);
  const auto after = service_->waitForChange(*known, minutes(1));
  ASSERT_TRUE(after.has_value());
  EXPECT_TRUE(after->front().cardPresent);
  EXPECT_NE(after->front().eventCount, known->front().eventCount);
}

TEST_F(RealService, TheVirtualReaderHasNoPinPadAndSaysSoQuietly) {
  const auto application = card_->begin();
  const int before = exchangesInLog();
  EXPECT_FALSE((*application)->hasPinPad());
  EXPECT_EQ((*application)->verifyPinOnPad().error().code, ErrorCode::Unsupported);
  EXPECT_EQ((*application)->changePinOnPad().error().code, ErrorCode::Unsupported);
  EXPECT_EQ(exchangesInLog(), before);
  EXPECT_TRUE(sign(**application, certificate_).has_value());
}

TEST_F(RealService, AWaitWithoutAChangeEndsInTimeWithTheSameList) {
  const auto known = service_->readers();
  const auto after = service_->waitForChange(*known, milliseconds(20));
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(after->front().eventCount, known->front().eventCount);
}

TEST_F(RealService, AnUnknownReaderIsNoReader) {
  EXPECT_EQ(openCard(*service_, "Nothing 00 00").error().code, ErrorCode::NoReader);
  EXPECT_EQ(openAnyCard(*service_, "Nothing").error().code, ErrorCode::NoReader);
}

TEST_F(RealService, AChildProcessUsesNothingOfItsParentAndCanStartAnew) {
  auto application = card_->begin();
  const pid_t child = fork();
  if (child == 0) {
    bool good = true;
    application->reset();  // must not end the parent's transaction
    const auto inherited = card_->begin();
    good = good && !inherited && inherited.error().code == ErrorCode::CardRemoved;
    card_.reset();
    good = good && service_->readers().has_value();
    _exit(good ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_TRUE(sign(**application, certificate_).has_value());
}

}  // namespace
}  // namespace fncard::card

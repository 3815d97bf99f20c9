// SPDX-License-Identifier: Apache-2.0
#include "agent/dialogs/pin_dialog.h"

#include <gmock/gmock.h>

#include <QApplication>
#include <QClipboard>
#include <QTest>
#include <functional>

#include "tests/agent/fake_windows.h"
#include "widgets/text.h"

namespace fncard::agent {
namespace {

using agent_link::Error;
using agent_link::PinRequest;
using messages::Language;
using widgets::PinField;

class APinDialog : public testing::Test {
 protected:
  void show(PinRequest request = {.program = "Firefox", .triesLeft = 3}, std::string file = {}) {
    showQuestion({.request = std::move(request), .programFile = std::move(file)});
  }
  void showSite(operations::Question question) { showQuestion({.site = std::move(question)}); }
  void showQuestion(const PinQuestion& question) {
    dialog = std::make_unique<PinDialog>(question, Language::English, [this](PinAnswer given) {
      ++answers;
      answer = std::move(given);
    });
    dialog->show();
    ASSERT_TRUE(QTest::qWaitForWindowActive(dialog.get()));
  }

  template <typename Widget>
  Widget* find(const char* name) {
    return static_cast<Widget*>(dialog->findChild<QWidget*>(name));
  }
  PinField* field() { return find<PinField>("pin"); }
  void type(const QString& text) { QTest::keyClicks(field(), text); }
  void press(const char* button) { QTest::mouseClick(find<QPushButton>(button), Qt::LeftButton); }
  std::string problem() {
    const auto* const label = find<QLabel>("problem");
    return label->isVisible() ? label->text().toStdString() : "";
  }
  std::string words() {
    QString all;
    for (const QLabel* label : dialog->findChildren<QLabel*>()) {
      EXPECT_TRUE(label->text().isEmpty() || label->textFormat() == Qt::PlainText ||
                  !Qt::mightBeRichText(label->text()))
          << label->text().toStdString();
      all += label->text() + QLatin1Char('\n');
    }
    return all.toStdString();
  }
  static std::string sentence(std::string_view code) {
    return messages::text(Language::English, code);
  }

  std::unique_ptr<PinDialog> dialog;
  int answers = 0;
  PinAnswer answer = tl::unexpected(Error::NoAgent);
};

TEST_F(APinDialog, GivesThePinThatWasTyped) {
  show();
  type("246810");
  press("confirm");
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->pin == pinOf("246810"));
  EXPECT_TRUE(field()->isEmpty()) << "nothing stays";
}

TEST_F(APinDialog, TakesReturnInTheField) {
  show();
  type("24681012");
  QTest::keyClick(field(), Qt::Key_Return);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->pin == pinOf("24681012"));
}

TEST_F(APinDialog, HasTheFocusOnCancelSoThatStrayKeysReachNoPin) {
  show();
  EXPECT_EQ(dialog->focusWidget(), find<QWidget>("cancel"));
  QTest::keyClicks(dialog->focusWidget(), "123456");
  EXPECT_TRUE(field()->isEmpty());
  EXPECT_EQ(answers, 0);
}

TEST_F(APinDialog, ConfirmsNothingByReturnOnAnEmptyField) {
  show();
  QTest::keyClick(field(), Qt::Key_Return);
  QTest::keyClick(field(), Qt::Key_Enter);
  EXPECT_EQ(answers, 0);
  EXPECT_EQ(problem(), "");
}

TEST_F(APinDialog, IsCancelledByButtonEscapeAndTheWindowsOwnClose) {
  for (const auto& cancel : std::vector<std::function<void()>>{
           [this] { press("cancel"); }, [this] { QTest::keyClick(field(), Qt::Key_Escape); },
           [this] { dialog->close(); }}) {
    answers = 0;
    answer = tl::unexpected(Error::NoAgent);
    show();
    type("246810");
    cancel();
    EXPECT_EQ(answers, 1);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error(), Error::Cancelled);
  }
}

TEST_F(APinDialog, AnswersOnce) {
  show();
  type("246810");
  press("confirm");
  press("confirm");
  dialog->reject();
  EXPECT_EQ(answers, 1);
  EXPECT_TRUE(answer);
}

TEST_F(APinDialog, RefusesWhatIsNoPinAndForgetsIt) {
  for (const char* typed : {"", "12345", "123456789"}) {
    show();
    type(typed);
    press("confirm");
    EXPECT_EQ(answers, 0) << typed;
    EXPECT_EQ(problem(), sentence("card.pin-format"));
    EXPECT_TRUE(field()->isEmpty());
  }
}

TEST_F(APinDialog, TakesTheLastDigitBack) {
  show();
  type("2468109");
  QTest::keyClick(field(), Qt::Key_Backspace);
  press("confirm");
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->pin == pinOf("246810"));
}

TEST_F(APinDialog, KnowsTheDigitsOfOtherScripts) {
  show();
  for (const QChar digit : QStringLiteral("๒๔๖８１0")) {
    QTest::sendKeyEvent(QTest::Click, field(), Qt::Key_unknown, digit, Qt::NoModifier);
  }
  press("confirm");
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->pin == pinOf("246810"));
}

TEST_F(APinDialog, SaysThatLettersAreNoDigits) {
  show();
  type("x");
  EXPECT_TRUE(field()->isEmpty());
  EXPECT_EQ(problem(), sentence("agent.digits-only"));
}

TEST_F(APinDialog, UsesTheLastTryOnlyAfterATick) {
  show({.program = "Firefox", .triesLeft = 1});
  EXPECT_THAT(words(), testing::HasSubstr(sentence("agent.last-try")));
  type("246810");
  press("confirm");
  QTest::keyClick(field(), Qt::Key_Return);
  EXPECT_EQ(answers, 0);
  EXPECT_EQ(problem(), sentence("agent.last-try-needed"));
  find<QCheckBox>("last-try")->setChecked(true);
  press("confirm");
  EXPECT_TRUE(answer) << "what was typed is still there";
}

TEST_F(APinDialog, HasNoTickBeforeTheLastTry) {
  show({.triesLeft = 2});
  EXPECT_EQ(find<QCheckBox>("last-try"), nullptr);
}

TEST_F(APinDialog, HasNothingForTheClipboardAndTakesNothingFromIt) {
  show();
  QApplication::clipboard()->setText("135791");
  QTest::keyClick(field(), Qt::Key_V, Qt::ControlModifier);
  QTest::keyClick(field(), Qt::Key_Insert, Qt::ShiftModifier);
  EXPECT_TRUE(field()->isEmpty());
  type("246810");
  QTest::keyClick(field(), Qt::Key_A, Qt::ControlModifier);
  QTest::keyClick(field(), Qt::Key_C, Qt::ControlModifier);
  QTest::keyClick(field(), Qt::Key_X, Qt::ControlModifier);
  EXPECT_EQ(QApplication::clipboard()->text(), "135791");
}

TEST_F(APinDialog, ShowsWhoAsksForWhichCardAndWhatIsLeft) {
  show({.program = "<b>Bank</b>\n\u202Eevil",
        .cardNumber = "FN00000000000017",
        .holder = "NGUYỄN THỊ HỒNG",
        .triesLeft = 2,
        .wrongPinBefore = true},
       "/usr/bin/python3.11");
  const std::string all = words();
  for (const std::string& part :
       {std::string("<b>Bank</b> evil wants to use your card."), std::string("FN00000000000017"),
        std::string("NGUYỄN THỊ HỒNG"), std::string("/usr/bin/python3.11"),
        sentence("agent.wrong-pin"), std::string("locks: 2")}) {
    EXPECT_THAT(all, testing::HasSubstr(part));
  }
}

TEST_F(APinDialog, NamesTheSiteThatAsksAndWhatFor) {
  const std::string origin = "https://" + std::string(60, 'a') + ".portal.tw.example:8443";
  showSite(operations::Question{.purpose = operations::Purpose::Signature,
                                .origin = origin,
                                .holder = "NGUYEN THI HONG",
                                .document = "lease\xE2\x80\xAE.pdf",
                                .fingerprint = "0011223344556677",
                                .triesLeft = 3});
  EXPECT_EQ(find<QLabel>("origin")->accessibleName().toStdString(), origin);
  EXPECT_EQ(find<QLabel>("origin")->text().remove(u'\u200B').toStdString(), origin);
  for (const char* said : {"NGUYEN THI HONG", "lease.pdf", "00112233 44556677"}) {
    EXPECT_THAT(words(), testing::HasSubstr(said));
  }
  type("246810");
  press("confirm");
  EXPECT_TRUE(answer->pin == pinOf("246810"));
}

TEST_F(APinDialog, AsksForConsentWithoutAPinWhereACertificateIsShown) {
  showSite(operations::Question{.purpose = operations::Purpose::CertificateSharing,
                                .origin = "https://portal.tw"});
  EXPECT_EQ(field(), nullptr);
  QTest::keyClick(dialog.get(), Qt::Key_Return);
  EXPECT_EQ(answers, 0) << "Cancel has the focus, and Return confirms nothing";
  press("confirm");
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->pin);
}

TEST_F(APinDialog, SaysWhatIsInTheWayAndTakesNoPinThen) {
  showSite(operations::Question{.origin = "https://portal.tw", .problem = "card.no-card"});
  EXPECT_EQ(field(), nullptr);
  EXPECT_THAT(words(), testing::HasSubstr(sentence("card.no-card")));
  press("cancel");
  EXPECT_EQ(answer.error(), Error::Cancelled);
}

TEST_F(APinDialog, SaysOnItsButtonWhatWillHappen) {
  using agent_link::Purpose;
  for (const auto& [purpose, code] : {std::pair(Purpose::Login, "agent.button-login"),
                                      std::pair(Purpose::Signature, "agent.button-sign"),
                                      std::pair(Purpose::Decryption, "agent.button-decrypt")}) {
    show({.purpose = purpose});
    EXPECT_EQ(find<QPushButton>("confirm")->text().toStdString(), sentence(code));
    EXPECT_THAT(words(), testing::HasSubstr(sentence("agent.some-program"))) << "without a name";
  }
}

TEST(PinDialogs, CloseWithTheirHandle) {
  auto window = pinDialogs(Language::English)({}, [](const PinAnswer&) {});
  EXPECT_EQ(QApplication::topLevelWidgets().size(), 1);
  window.reset();
  EXPECT_TRUE(QTest::qWaitFor([] { return QApplication::topLevelWidgets().isEmpty(); }));
}

}  // namespace
}  // namespace fncard::agent

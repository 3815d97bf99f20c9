// SPDX-License-Identifier: Apache-2.0
// The wizard's pages in every language: pictures for people's eyes (wizard-pictures/ in this folder
// of the build), what a program can see of them, and their rules. The whole of it with card and
// server is journeys.wizard.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QApplication>
#include <QTest>
#include <QVBoxLayout>

#include "activation-client/wizard/applicant_page.h"
#include "activation-client/wizard/end_page.h"
#include "activation-client/wizard/pin_page.h"
#include "activation-client/wizard/progress_page.h"
#include "activation-client/wizard/start_page.h"
#include "tests/support/window_pictures.h"

namespace fncard::activation_client::wizard {
namespace {

using messages::Language;

PresentCard someCard(const std::string& number = "FN00000000000017") {
  PresentCard card{.readerName = "ACS ACR39U ICC Reader 00 00", .identity = {}};
  card.identity.cardNumber = number;
  card.identity.expiry = "2031-11-24";
  return card;
}

class EveryLanguage : public testing::TestWithParam<Language> {
 protected:
  /// Both looks of a page, as wide as the window makes it.
  static void look(QWidget& page, const std::string& name) {
    constexpr int kWidth = 400;
    const QPalette light = QApplication::palette();
    const std::string tag = name + "-" + std::string(messages::tag(GetParam()));
    page.setFixedWidth(kWidth);
    page.show();
    page.adjustSize();
    QTest::qWait(0);
    test::expectReadable(page, FNCARD_PICTURES, tag);
    QApplication::setPalette(test::darkPalette());
    QTest::qWait(0);
    test::expectReadable(page, FNCARD_PICTURES, tag + "-dark");
    QApplication::setPalette(light);
  }
};

TEST_P(EveryLanguage, ShowsTheReadersWholeAndReadable) {
  StartPage page(GetParam());
  for (const auto code :
       {card::ErrorCode::NoService, card::ErrorCode::NoReader, card::ErrorCode::NoCard,
        card::ErrorCode::CardMute, card::ErrorCode::UnknownCard}) {
    page.show(Present{.cards = {}, .missing = code});
    look(page, std::string(card::messageCode(code)));
  }
  page.show(Present{.cards = {someCard()}});
  look(page, "start");
  page.show(Present{.cards = {someCard(), someCard("FN00000000000025")}});
  look(page, "start-two");
}

TEST_P(EveryLanguage, ShowsTheFormWholeAndReadable) {
  ApplicantPage page(GetParam());
  QTest::keyClicks(page.findChild<QLineEdit*>("permit-number"), "A800000015");
  look(page, "applicant");
}

TEST_P(EveryLanguage, ShowsThePinsWholeAndReadable) {
  PinPage page(GetParam());
  for (const auto& [asks, name] : {std::pair{PinPage::Asks::NewPin, "pin-new"},
                                   {PinPage::Asks::PinSetBefore, "pin-before"},
                                   {PinPage::Asks::CurrentAndNew, "pin-change"},
                                   {PinPage::Asks::Current, "pin-try"}}) {
    page.show();
    page.begin(asks, "", 1U);
    page.finish();  // with what is wrong with nothing
    look(page, name);
  }
}

TEST_P(EveryLanguage, ShowsProgressAndEndingsWholeAndReadable) {
  ProgressPage progress(GetParam());
  using card::activation::Step;
  for (const auto step : {Step::Begin, Step::CardProof, Step::Release, Step::SetPin, Step::Receipt,
                          Step::Commit, Step::Done}) {
    progress.enter(step);
  }
  look(progress, "progress");
  EndPage end(GetParam());
  end.show({.good = true,
            .code = "client.activated",
            .message = {},
            .parameters = {{"cardNumber", "FN00000000000017"}}},
           someCard(), true);
  look(end, "end-good");
  end.show({.good = true,
            .code = "wizard.try-good",
            .message = {},
            .parameters = {{"name", "NGUYỄN THỊ HỒNG 阮氏紅"}}},
           someCard(), true);
  look(end, "end-tried");
  end.show({.code = "activation.tampered", .message = {}, .parameters = {}}, someCard(), true);
  look(end, "end-stopped");
  end.show({.code = "card.card-removed", .message = {}, .parameters = {}, .resumable = true},
           someCard(), true);
  look(end, "end-resumable");
}

INSTANTIATE_TEST_SUITE_P(Wizard, EveryLanguage, testing::ValuesIn(messages::languages()),
                         [](const auto& each) {
                           std::string name(messages::tag(each.param));
                           std::erase(name, '-');
                           return name;
                         });

class WizardPins : public testing::Test {
 protected:
  WizardPins() : page_(Language::English) {
    page_.onDone = [this](PinPage::Pins pins) { done_.push_back(std::move(pins)); };
    page_.show();
  }
  void type(const char* name, const char* digits) {
    QTest::keyClicks(page_.findChild<QWidget*>(name), digits);
  }
  std::string problem() { return page_.findChild<QLabel*>("pin-problem")->text().toStdString(); }

  PinPage page_;
  std::vector<PinPage::Pins> done_;
};

TEST_F(WizardPins, AreGivenOnceTheyAreTypedTwiceAlikeAndNotWeak) {
  page_.begin(PinPage::Asks::NewPin, "1990-05-17", {});
  const std::pair<const char*, const char*> refused[] = {{"12345", "12345"},
                                                         {"59127346", "59127345"},
                                                         {"123456", "123456"},
                                                         {"19900517", "19900517"},
                                                         {"777777", "777777"}};
  for (const auto& [first, second] : refused) {
    type("pin-new", first);
    type("pin-again", second);
    page_.finish();
    EXPECT_TRUE(done_.empty()) << first;
    EXPECT_FALSE(problem().empty()) << first;
    EXPECT_TRUE(page_.findChild<widgets::PinField*>("pin-new")->isEmpty()) << "all is typed anew";
  }
  type("pin-new", "59127346");
  type("pin-again", "59127346");
  page_.finish();
  ASSERT_EQ(done_.size(), 1U);
  std::string typed = "59127346";
  EXPECT_TRUE(*done_.front().next == *card::Pin::take(std::span<char>(typed.data(), typed.size())));
}

TEST_F(WizardPins, UseTheLastTryOnlyWhenThePersonSaysSo) {
  page_.begin(PinPage::Asks::Current, "", 1U);
  type("pin-current", "59127346");
  page_.finish();
  EXPECT_TRUE(done_.empty());
  EXPECT_FALSE(page_.findChild<widgets::PinField*>("pin-current")->isEmpty())
      << "what was typed stays";
  page_.findChild<QCheckBox*>("last-try")->setChecked(true);
  page_.finish();
  ASSERT_EQ(done_.size(), 1U);
  EXPECT_TRUE(done_.front().lastTry);
}

TEST_F(WizardPins, OfAnInterruptedActivationAreTypedTwiceAndTheCardJudgesThem) {
  page_.begin(PinPage::Asks::PinSetBefore, "1990-05-17", {});
  type("pin-new", "59127346");
  type("pin-again", "59127345");
  page_.finish();
  EXPECT_TRUE(done_.empty()) << "a slip would cost a try";
  EXPECT_FALSE(problem().empty());
  type("pin-new", "19900517");
  type("pin-again", "19900517");
  page_.finish();
  ASSERT_EQ(done_.size(), 1U);
  EXPECT_TRUE(done_.front().next.has_value());
}

TEST_F(WizardPins, OfAnEarlierVisitAreForgotten) {
  page_.begin(PinPage::Asks::NewPin, "", {});
  type("pin-new", "59127346");
  page_.begin(PinPage::Asks::NewPin, "", {});
  EXPECT_TRUE(page_.findChild<widgets::PinField*>("pin-new")->isEmpty());
}

TEST(WizardStart, OffersNothingWithoutACardAndTheChosenOneOfTwo) {
  StartPage page(Language::English);
  page.show(Present{.cards = {}, .missing = card::ErrorCode::NoCard});
  for (const auto* button : page.findChildren<QPushButton*>()) {
    EXPECT_FALSE(button->isEnabled());
  }
  std::string chosen;
  page.onAction = [&](Action, const PresentCard& card) { chosen = card.identity.cardNumber; };
  page.show(Present{.cards = {someCard(), someCard("FN00000000000025")}});
  page.findChild<QComboBox*>("cards")->setCurrentIndex(1);
  page.findChild<QPushButton*>("activate")->click();
  EXPECT_EQ(chosen, "FN00000000000025");
}

TEST(WizardStart, OffersEachLanguageInItsOwnWords) {
  StartPage page(Language::English);
  std::optional<Language> wanted;
  page.onLanguage = [&](Language language) { wanted = language; };
  auto* const languages = page.findChild<QComboBox*>("languages");
  ASSERT_EQ(languages->count(), static_cast<int>(messages::languages().size()));
  EXPECT_EQ(languages->currentText(), "English");
  page.QWidget::show();
  languages->setFocus();
  QTest::keyClick(languages, Qt::Key_Down);
  EXPECT_EQ(wanted, Language::TraditionalChinese);
}

TEST(WizardForm, TellsCharactersThatNoUserCodeHas) {
  ApplicantPage page(Language::English);
  std::vector<card::activation::Application> given;
  page.onDone = [&](card::activation::Application application) {
    given.push_back(std::move(application));
  };
  QTest::keyClicks(page.findChild<QLineEdit*>("permit-number"), "A800000014");
  auto* const code = page.findChild<QLineEdit*>("user-code");
  auto* const problem = page.findChild<QLabel*>("applicant-problem");
  for (const char* typed : {"ACDEFGH0", "ACDEFGH", "ACDEFGHJK", ""}) {
    code->setText(typed);
    page.finish();
    EXPECT_TRUE(given.empty()) << typed;
    EXPECT_FALSE(problem->text().isEmpty()) << typed;
  }
  code->setText(" acde-fghj ");
  page.finish();
  ASSERT_EQ(given.size(), 1U);
  const auto bytes = given.front().userCode.bytes();
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), "ACDEFGHJ");
}

}  // namespace
}  // namespace fncard::activation_client::wizard

// SPDX-License-Identifier: Apache-2.0
// The window in every language, light and dark: pictures for people's eyes (pictures/ in this
// folder of the build), and what a program can see of them.
#include <gtest/gtest.h>

#include <QApplication>
#include <QTest>
#include <ostream>

#include "agent/dialogs/pin_dialog.h"
#include "tests/support/window_pictures.h"

namespace fncard::agent {
namespace {

using agent_link::Purpose;
using messages::Language;

struct Look {
  Language language = Language::English;
  bool dark = false;
};

void PrintTo(const Look& look, std::ostream* out) {  // NOLINT(readability-identifier-naming)
  *out << messages::tag(look.language) << (look.dark ? " dark" : " light");
}

class Pictures : public testing::TestWithParam<Look> {
 protected:
  void SetUp() override {
    if (GetParam().dark) {
      QApplication::setPalette(test::darkPalette());
    }
  }
  void TearDown() override { QApplication::setPalette(before_); }

  /// Takes a picture of the window, with a few digits typed, and looks at all that is in it.
  static void check(const PinQuestion& question, const char* kind);

  QPalette before_ = QApplication::palette();
};

void Pictures::check(const PinQuestion& question, const char* kind) {
  const auto [language, dark] = GetParam();
  PinDialog dialog(question, language, [](const PinAnswer&) {});
  dialog.show();
  ASSERT_TRUE(QTest::qWaitForWindowActive(&dialog));
  auto* const field = dialog.findChild<QWidget*>("pin");
  field->setFocus();
  QTest::keyClicks(field, "2468x");
  QTest::qWait(0);

  const std::string name =
      std::string(kind) + "-" + std::string(messages::tag(language)) + (dark ? "-dark" : "");
  const QImage picture = test::expectReadable(dialog, FNCARD_PICTURES, name);
  EXPECT_GE(test::contrast(picture.copy(QRect(field->mapTo(&dialog, QPoint()), field->size()))),
            4.5);
}

TEST_P(Pictures, ShowEveryWordOfAProgramsQuestionWholeAndReadable) {
  check({.request = {.purpose = Purpose::Signature,
                     .program = "Mozilla Firefox",
                     .cardNumber = "FN00000000000017",
                     .holder = "NGUYỄN THỊ HỒNG",
                     .triesLeft = 1,
                     .wrongPinBefore = true},
         .programFile = "/usr/lib/firefox-esr/firefox-esr"},
        "pin");
}

TEST_P(Pictures, ShowEveryWordOfASitesQuestionWholeAndReadable) {
  check({.site = operations::Question{.purpose = operations::Purpose::Signature,
                                      .origin = "https://eservice.immigration.taipei.example:8443",
                                      .holder = "NGUYỄN THỊ HỒNG",
                                      .cardNumber = "FN00000000000017",
                                      .document = "租賃契約 lease 2026.pdf",
                                      .fingerprint = std::string(128, 'e'),
                                      .triesLeft = 1,
                                      .wrongPinBefore = true}},
        "site");
}

std::vector<Look> looks() {
  std::vector<Look> all;
  for (const Language language : messages::languages()) {
    all.push_back({language, false});
    all.push_back({language, true});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(AllLanguages, Pictures, testing::ValuesIn(looks()), [](const auto& each) {
  std::string name(messages::tag(each.param.language));
  std::erase(name, '-');
  return name + (each.param.dark ? "Dark" : "Light");
});

}  // namespace
}  // namespace fncard::agent

// SPDX-License-Identifier: Apache-2.0
// The window in every language, light and dark: pictures for people's eyes (pictures/ in this
// folder of the build), and what a program can see of them.
#include <gtest/gtest.h>

#include <QApplication>
#include <QDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <ostream>

#include "agent/dialogs/pin_dialog.h"
#include "widgets/text.h"

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

QPalette darkPalette() {
  QPalette palette(QColor(0x35, 0x35, 0x35));
  palette.setColor(QPalette::Base, QColor(0x2A, 0x2A, 0x2A));
  for (const auto role : {QPalette::Text, QPalette::WindowText, QPalette::ButtonText}) {
    palette.setColor(role, Qt::white);
  }
  return palette;
}

// WCAG 2.1, relative luminance
double luminance(const QColor& color) {
  const auto linear = [](double part) {
    return part <= 0.03928 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) +
         0.0722 * linear(color.blueF());
}

double contrast(const QImage& image) {
  double darkest = 1;
  double lightest = 0;
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) {
      const double here = luminance(image.pixelColor(x, y));
      darkest = std::min(darkest, here);
      lightest = std::max(lightest, here);
    }
  }
  return (lightest + 0.05) / (darkest + 0.05);
}

class Pictures : public testing::TestWithParam<Look> {
 protected:
  void SetUp() override {
    if (GetParam().dark) {
      QApplication::setPalette(darkPalette());
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

  const QImage picture = dialog.grab().toImage();
  QDir().mkpath(FNCARD_PICTURES);
  const std::string name(messages::tag(language));
  ASSERT_TRUE(picture.save(QStringLiteral(FNCARD_PICTURES "/%1-%2%3.png")
                               .arg(QLatin1String(kind), QString::fromStdString(name),
                                    QLatin1String(dark ? "-dark" : ""))));

  for (const QLabel* label : dialog.findChildren<QLabel*>()) {
    if (label->text().isEmpty() || !label->isVisible()) {
      continue;
    }
    const QString words = label->text();
    EXPECT_GE(label->height(), label->heightForWidth(label->width())) << words.toStdString();
    const QImage part = picture.copy(QRect(label->mapTo(&dialog, QPoint()), label->size()));
    EXPECT_GE(contrast(part), 4.5) << words.toStdString();  // WCAG 2.1 §1.4.3
  }
  for (const QAbstractButton* button : dialog.findChildren<QAbstractButton*>()) {
    EXPECT_GE(button->width(), button->sizeHint().width()) << button->text().toStdString();
    EXPECT_FALSE(button->text().isEmpty());
  }
  EXPECT_GE(contrast(picture.copy(QRect(field->mapTo(&dialog, QPoint()), field->size()))), 4.5);
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

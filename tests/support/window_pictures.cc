// SPDX-License-Identifier: Apache-2.0
#include "tests/support/window_pictures.h"

#include <gtest/gtest.h>

#include <QAbstractButton>
#include <QDir>
#include <QLabel>
#include <algorithm>
#include <cmath>

namespace fncard::test {
namespace {

// WCAG 2.1, relative luminance
double luminance(const QColor& color) {
  const auto linear = [](double part) {
    return part <= 0.03928 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) +
         0.0722 * linear(color.blueF());
}

}  // namespace

QPalette darkPalette() {
  QPalette palette(QColor(0x35, 0x35, 0x35));
  palette.setColor(QPalette::Base, QColor(0x2A, 0x2A, 0x2A));
  for (const auto role : {QPalette::Text, QPalette::WindowText, QPalette::ButtonText}) {
    palette.setColor(role, Qt::white);
  }
  return palette;
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

QImage expectReadable(QWidget& window, const std::string& folder, const std::string& name) {
  QImage picture = window.grab().toImage();
  QDir().mkpath(QString::fromStdString(folder));
  EXPECT_TRUE(picture.save(QString::fromStdString(folder + "/" + name + ".png")));
  for (const QLabel* label : window.findChildren<QLabel*>()) {
    if (label->text().isEmpty() || !label->isVisible()) {
      continue;
    }
    const QString words = label->text();
    EXPECT_GE(label->height(), label->heightForWidth(label->width())) << words.toStdString();
    const QImage part = picture.copy(QRect(label->mapTo(&window, QPoint()), label->size()));
    EXPECT_GE(contrast(part), 4.5) << words.toStdString();
  }
  for (const QAbstractButton* button : window.findChildren<QAbstractButton*>()) {
    if (button->isVisible()) {
      EXPECT_GE(button->width(), button->sizeHint().width()) << button->text().toStdString();
      EXPECT_FALSE(button->text().isEmpty());
    }
  }
  return picture;
}

}  // namespace fncard::test

// SPDX-License-Identifier: Apache-2.0
#include "widgets/label.h"

#include <QAccessible>

namespace fncard::widgets {
namespace {

constexpr double kHeadingScale = 1.25;

}  // namespace

QLabel* label(const QString& text, bool bold) {
  auto* const made = new QLabel(text);
  made->setTextFormat(Qt::PlainText);
  made->setWordWrap(true);
  QFont font = made->font();
  font.setBold(bold);
  made->setFont(font);
  return made;
}

QLabel* heading(const QString& text) {
  QLabel* const made = label(text, true);
  QFont font = made->font();
  font.setPointSizeF(font.pointSizeF() * kHeadingScale);
  made->setFont(font);
  return made;
}

void alert(QLabel& label, const QString& text) {
  label.setText(text);
  label.show();
  QAccessibleEvent event(&label, QAccessible::Alert);
  QAccessible::updateAccessibility(&event);
}

}  // namespace fncard::widgets

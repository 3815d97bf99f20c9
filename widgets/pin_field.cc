// SPDX-License-Identifier: Apache-2.0
#include "widgets/pin_field.h"

#include <QKeyEvent>
#include <QPainter>
#include <QStyle>
#include <QStyleOptionFrame>

#include "widgets/pin_field_accessible.h"

namespace fncard::widgets {
namespace {

// One more than a PIN has, so that a ninth digit is seen and the PIN refused, not silently cut.
constexpr std::size_t kMaxTyped = card::Pin::kMaxDigits + 1;

QStyleOptionFrame frameOf(const QWidget& field) {
  QStyleOptionFrame option;
  option.initFrom(&field);
  option.lineWidth = field.style()->pixelMetric(QStyle::PM_DefaultFrameWidth, &option, &field);
  option.state |= QStyle::State_Sunken;
  return option;
}

}  // namespace

PinField::PinField(QWidget* parent) : QWidget(parent), digits_(kMaxTyped) {
  setFocusPolicy(Qt::StrongFocus);
  setCursor(Qt::IBeamCursor);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  makePinFieldsAccessible();
}

card::Result<card::Pin> PinField::take() {
  const auto typed = digits_.bytes().first(size_);
  size_ = 0;
  update();
  return card::Pin::take(std::span<char>(reinterpret_cast<char*>(typed.data()), typed.size()));
}

QSize PinField::sizeHint() const {
  const QStyleOptionFrame option = frameOf(*this);
  const QSize contents(fontMetrics().height() * static_cast<int>(kMaxTyped),
                       fontMetrics().height() * 3 / 2);
  return style()->sizeFromContents(QStyle::CT_LineEdit, &option, contents, this);
}

void PinField::append(int digit) {
  if (size_ < kMaxTyped) {
    digits_.bytes()[size_++] = static_cast<std::uint8_t>('0' + digit);
  }
}

void PinField::removeLast() {
  if (size_ > 0) {
    digits_.bytes()[--size_] = 0;
  }
}

void PinField::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
    if (!isEmpty() && onReturn) {
      onReturn();
    }
    return;
  }
  if (event->key() == Qt::Key_Backspace) {
    removeLast();
    update();
    return;
  }
  const QString text = event->text();
  const bool shortcut =
      event->modifiers().testAnyFlags(Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier);
  if (shortcut || text.size() != 1 || !text.front().isPrint()) {
    QWidget::keyPressEvent(event);
    return;
  }
  // Thai, full-width and other digits count as what they mean.
  const int digit = text.front().digitValue();
  if (digit >= 0) {
    append(digit);
    update();
  } else if (onNoDigit) {
    onNoDigit();
  }
}

void PinField::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  const QStyleOptionFrame option = frameOf(*this);
  style()->drawPrimitive(QStyle::PE_PanelLineEdit, &option, &painter, this);

  const int dot = fontMetrics().height() / 2;
  const int margin = option.lineWidth + dot / 2;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(palette().text());
  int left = margin;
  for (std::size_t i = 0; i < size_; ++i) {
    painter.drawEllipse(left, (height() - dot) / 2, dot, dot);
    left += dot * 2;
  }
  if (hasFocus()) {
    const int caret = style()->pixelMetric(QStyle::PM_TextCursorWidth, &option, this);
    painter.fillRect(left, (height() - fontMetrics().height()) / 2, caret, fontMetrics().height(),
                     palette().text());
  }
}

}  // namespace fncard::widgets

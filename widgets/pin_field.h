// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>
#include <functional>

#include "card/pin.h"

namespace fncard::widgets {

/// Where the PIN is typed. Keeps the digits in locked memory, which QLineEdit cannot: that one has
/// copies in its text, its undo list and what it hands to screen readers. There is nothing to copy,
/// drag or paste, and assistive technology is told that it is a password field and nothing of what
/// is in it, not even how much.
class PinField : public QWidget {
 public:
  explicit PinField(QWidget* parent = nullptr);

  std::function<void()> onReturn;   ///< Return or Enter was typed and there are digits
  std::function<void()> onNoDigit;  ///< a character was typed that is no digit

  [[nodiscard]] bool isEmpty() const { return size_ == 0; }
  /// What was typed, of which nothing stays here. PinFormat unless it is 6 to 8 digits.
  card::Result<card::Pin> take();

  [[nodiscard]] QSize sizeHint() const override;

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  void append(int digit);
  void removeLast();

  card::SecretBytes digits_;
  std::size_t size_ = 0;
};

}  // namespace fncard::widgets

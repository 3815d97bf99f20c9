// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QCheckBox>
#include <QDialog>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "agent/core/pin_question.h"
#include "messages/messages.h"
#include "widgets/pin_field.h"

namespace fncard::agent {

/// The window that asks for consent, and for the PIN where it is wanted: who asks, what for, whose
/// card, how many tries. Cancel has the focus, so that what was being typed elsewhere when it
/// opened reaches no PIN and confirms nothing.
class PinDialog : public QDialog {
 public:
  /// answer is called once: with the consent, or Cancelled.
  PinDialog(const PinQuestion& question, messages::Language language, AnswerHandler answer);

  /// Escape, the Cancel button, the window's own close button.
  void reject() override;

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  void addPinField(QVBoxLayout& layout, bool lastTry);
  QLayout* buttons(const QString& confirmText);
  void confirm();
  void give(PinAnswer answer);
  void tell(std::string_view code);

  messages::Language language_;
  AnswerHandler answer_;
  QCheckBox* lastTry_ = nullptr;        // where the last try is to be confirmed
  widgets::PinField* field_ = nullptr;  // where the PIN is wanted
  QLabel* problem_;
  QPushButton* cancel_;
};

/// Opens PinDialogs.
ShowPinWindow pinDialogs(messages::Language language);

}  // namespace fncard::agent

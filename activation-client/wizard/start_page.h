// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <functional>

#include "activation-client/wizard/present.h"
#include "activation-client/wizard/reader_picture.h"
#include "messages/messages.h"

namespace fncard::activation_client::wizard {

enum class Action { Activate, ChangePin, Unblock, TrySignature };

/// What is in the readers, what to do about it, and what can be done with the card.
class StartPage : public QWidget {
 public:
  explicit StartPage(messages::Language language);

  std::function<void(Action, const PresentCard&)> onAction;
  std::function<void(messages::Language)> onLanguage;

  void show(const Present& present);

 private:
  [[nodiscard]] const PresentCard& chosen() const;
  void addLanguages(QLayout& layout);
  void addAction(QLayout& layout, Action action, const char* name, std::string_view code);

  messages::Language language_;
  Present present_;
  ReaderPicture* picture_;
  QLabel* sentence_;
  QComboBox* cards_;
  QList<QPushButton*> actions_;
};

}  // namespace fncard::activation_client::wizard

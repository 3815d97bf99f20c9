// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QLabel>
#include <QProgressBar>
#include <QVBoxLayout>

#include "card/activation/transaction.h"
#include "messages/messages.h"

namespace fncard::activation_client::wizard {

/// One line a step, while the card is worked on.
class ProgressPage : public QWidget {
 public:
  explicit ProgressPage(messages::Language language);

  void begin();
  void enter(card::activation::Step step);

 private:
  messages::Language language_;
  QLabel* steps_;
};

}  // namespace fncard::activation_client::wizard

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QLabel>
#include <QLineEdit>
#include <functional>

#include "card/activation/transaction.h"
#include "messages/messages.h"

namespace fncard::activation_client::wizard {

/// Permit number, checked while it is typed, and user code: what is on the application form.
class ApplicantPage : public QWidget {
 public:
  explicit ApplicantPage(messages::Language language);

  std::function<void(card::activation::Application)> onDone;

  /// Empty fields; the permit number stays.
  void begin();
  /// What was typed goes to onDone, or what is wrong with it is said.
  void finish();

 private:
  void checkPermitNumber();

  messages::Language language_;
  QLineEdit* permitNumber_;
  QLabel* permitFault_;
  QLineEdit* userCode_;
  QLabel* problem_;
};

}  // namespace fncard::activation_client::wizard

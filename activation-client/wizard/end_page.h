// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <functional>

#include "activation-client/wizard/job.h"
#include "activation-client/wizard/present.h"

namespace fncard::activation_client::wizard {

/// How it ended, what is true now, and what can be done next.
class EndPage : public QWidget {
 public:
  explicit EndPage(messages::Language language);

  std::function<void()> onTry;     ///< a first signature
  std::function<void()> onPortal;  ///< the portal in the browser

  /// offersPortal: there is a server that may be shown.
  void show(const Ending& ending, const PresentCard& card, bool offersPortal);

 private:
  messages::Language language_;
  QLabel* heading_;
  QLabel* sentence_;
  QLabel* facts_;
  QLabel* nothingLost_;
  QPushButton* try_;
  QPushButton* portal_;
};

}  // namespace fncard::activation_client::wizard

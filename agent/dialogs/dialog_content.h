// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QList>
#include <QString>
#include <optional>
#include <utility>

#include "agent/core/pin_question.h"
#include "messages/messages.h"

namespace fncard::agent {

/// What a window says, in the person's language; strangers' words are safe to show.
struct DialogContent {
  QString title;
  QString heading;
  QString origin;  ///< of the site that asks, whole; or empty
  QString explanation;
  QList<std::pair<QString, QString>> facts;  ///< label and value
  QString warning;                           ///< what must be seen
  QString note;                              ///< the tries, where they are no warning
  QString button;                            ///< that goes on
  bool wantsPin = true;
  bool lastTry = false;
};

DialogContent contentOf(const PinQuestion& question, messages::Language language);

}  // namespace fncard::agent

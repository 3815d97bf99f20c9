// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>
#include <string_view>

#include "messages/messages.h"

namespace fncard::widgets {

inline QString textOf(messages::Language language, std::string_view code,
                      const messages::Parameters& parameters = {}) {
  return QString::fromStdString(messages::text(language, code, parameters));
}

}  // namespace fncard::widgets

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>
#include <string_view>

namespace fncard::agent {

/// A stranger's text as it may stand in our window: one line, without characters that are
/// invisible, turn the direction of writing or pile up over other lines; what is too long has "…"
/// in its middle, so that start and end can be read. Bytes that are no UTF-8 become U+FFFD.
QString displayText(std::string_view text, qsizetype maxCharacters);

}  // namespace fncard::agent

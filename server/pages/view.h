// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "messages/messages.h"

namespace fncard::server::pages {

/// The page that a template (templates/NAME.html, Mustache) makes inside the layout. All that is
/// put in is escaped; there is no way around it (compile_files.py). {{text.CODE}} is the sentence
/// of a message code. A name that values lack is a mistake of ours and throws std::logic_error:
/// nothing is left out silently.
std::string render(messages::Language language, std::string_view name,
                   const nlohmann::json& values);

}  // namespace fncard::server::pages

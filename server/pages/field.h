// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "messages/messages.h"

namespace fncard::server::pages {

/// What is wrong with a form: a message code by the field that it stands beside; "" is the form as
/// a whole.
using Problems = std::map<std::string, std::string>;

/// One text field of a form, as templates/field.html shows it.
struct Field {
  std::string name;   ///< of the posted field, and its id
  std::string label;  ///< message codes
  std::string hint;
  std::string value;
  std::string autocomplete = "off";  ///< HTML standard §4.10.18.7
  std::size_t maximum = 64;          ///< characters
};
nlohmann::json fieldValues(messages::Language language, const Field& field,
                           const Problems& problems);

/// A field of a form and the message code of its label.
struct Label {
  std::string name;
  std::string label;
};
/// The list of templates/problems.html, in the order of the fields; each names its field and leads
/// there. What is wrong with the form as a whole leads to the first field.
nlohmann::json problemValues(messages::Language language, const Problems& problems,
                             const std::vector<Label>& fields);

}  // namespace fncard::server::pages

// SPDX-License-Identifier: Apache-2.0
#include "server/pages/field.h"

namespace fncard::server::pages {

nlohmann::json fieldValues(messages::Language language, const Field& field,
                           const Problems& problems) {
  const auto problem = problems.find(field.name);
  return {{"name", field.name},
          {"label", messages::text(language, field.label)},
          {"hint", messages::text(language, field.hint)},
          {"value", field.value},
          {"autocomplete", field.autocomplete},
          {"maximum", field.maximum},
          {"error", problem == problems.end()
                        ? nlohmann::json(false)
                        : nlohmann::json(messages::text(language, problem->second))}};
}

nlohmann::json problemValues(messages::Language language, const Problems& problems,
                             const std::vector<Label>& fields) {
  nlohmann::json list = nlohmann::json::array();
  if (const auto whole = problems.find(""); whole != problems.end()) {
    list.push_back(
        {{"target", fields.front().name}, {"sentence", messages::text(language, whole->second)}});
  }
  for (const Label& field : fields) {
    if (const auto problem = problems.find(field.name); problem != problems.end()) {
      list.push_back({{"target", field.name},
                      {"sentence",
                       messages::text(language, "pages.problem",
                                      {{"field", messages::text(language, field.label)},
                                       {"sentence", messages::text(language, problem->second)}})}});
    }
  }
  return list;
}

}  // namespace fncard::server::pages

// SPDX-License-Identifier: Apache-2.0
#include "server/pages/view.h"

#include <algorithm>
#include <kainjow/mustache.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "server/pages/files.h"

namespace fncard::server::pages {
namespace {

using kainjow::mustache::data;

constexpr std::string_view kTextPrefix = "text.";

data dataOf(const nlohmann::json& value) {
  switch (value.type()) {
    case nlohmann::json::value_t::object: {
      data object(data::type::object);
      for (const auto& [name, member] : value.items()) {
        object.set(name, dataOf(member));
      }
      return object;
    }
    case nlohmann::json::value_t::array: {
      data list(data::type::list);
      for (const nlohmann::json& element : value) {
        list.push_back(dataOf(element));
      }
      return list;
    }
    case nlohmann::json::value_t::string:
      return {value.get<std::string>()};
    case nlohmann::json::value_t::boolean:
      return {value.get<bool>() ? data::type::bool_true : data::type::bool_false};
    default:
      return {value.dump()};
  }
}

std::string templateOf(std::string_view name) {
  const std::string path = "templates/" + std::string(name) + ".html";
  const auto found = std::ranges::find(files(), path, &File::name);
  if (found == files().end()) {
    throw std::logic_error("there is no " + path);
  }
  return std::string(found->content);
}

/// Where a template's names come from: the values, the catalogues, and the other templates.
class PageContext : public kainjow::mustache::context<std::string> {
 public:
  PageContext(messages::Language language, std::string_view body, const data* values)
      : language_(language), body_(body) {
    context::push(values);
  }

  [[nodiscard]] const data* get(const std::string& name) const override {
    if (name.starts_with(kTextPrefix)) {
      const std::string code = name.substr(kTextPrefix.size());
      return &parts_.try_emplace(name, messages::text(language_, code)).first->second;
    }
    const data* value = context::get(name);
    if (value == nullptr) {
      throw std::logic_error("the page " + body_ + " has no value for {{" + name + "}}");
    }
    return value;
  }

  [[nodiscard]] const data* get_partial(const std::string& name) const override {
    return &parts_.try_emplace(">" + name, templateOf(name == "body" ? body_ : name)).first->second;
  }

 private:
  messages::Language language_;
  std::string body_;
  mutable std::map<std::string, data> parts_;  ///< the engine keeps pointers to what it was given
};

}  // namespace

std::string render(messages::Language language, std::string_view name,
                   const nlohmann::json& values) {
  kainjow::mustache::mustache layout(templateOf("layout"));
  const data given = dataOf(values);
  PageContext context(language, name, &given);
  std::string page = layout.render(context);
  if (!layout.is_valid()) {
    throw std::logic_error("the page " + std::string(name) + ": " + layout.error_message());
  }
  return page;
}

}  // namespace fncard::server::pages

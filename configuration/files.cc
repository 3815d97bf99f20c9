// SPDX-License-Identifier: Apache-2.0
#include "configuration/files.h"

#include <cstdlib>

namespace fncard::configuration {
namespace {

constexpr std::size_t kLongest = 65'536;

std::string variable(const char* name) {
  const char* value = secure_getenv(name);
  return value == nullptr ? std::string{} : std::string(value);
}

}  // namespace

std::vector<std::string> files() {
  std::vector<std::string> found = {"/etc/fncard/fncard.toml"};
  const std::string home = variable("HOME");
  std::string own = variable("XDG_CONFIG_HOME");
  if (own.empty() && !home.empty()) {
    own = home + "/.config";
  }
  if (!own.empty()) {
    found.push_back(own + "/fncard/fncard.toml");
  }
  return found;
}

tl::expected<toml::table, Error> read(const std::string& file) {
  const auto text = readFile(file, kLongest);
  if (!text) {
    return tl::unexpected(text.error());
  }
  try {
    return toml::parse(text->value_or(std::string()));
  } catch (const toml::parse_error& error) {
    return tl::unexpected(Error{file + " line " + std::to_string(error.source().begin.line) + ": " +
                                std::string(error.description())});
  }
}

}  // namespace fncard::configuration

// SPDX-License-Identifier: Apache-2.0
#include "configuration/files.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace fncard::configuration {
namespace {

constexpr std::size_t kLongest = 65'536;
constexpr std::ptrdiff_t kMostDots = 32;

/// The number, from 1, of the first line with more dots than any key needs; 0 for none. Each dot of
/// a key is a table in a table, which toml++ makes and frees by recursion: a file of 64 KiB would
/// use up the stack of a host's thread. How deep values stand in values it bounds itself
/// (TOML_MAX_NESTED_VALUES).
std::size_t lineOfADeepKey(std::string_view text) {
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::string_view here = text.substr(0, text.find('\n'));
    if (std::ranges::count(here, '.') > kMostDots) {
      return line;
    }
    text.remove_prefix(std::min(text.size(), here.size() + 1));
  }
  return 0;
}

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
  const std::string contents = text->value_or(std::string());
  if (const std::size_t line = lineOfADeepKey(contents); line != 0) {
    return tl::unexpected(
        Error{file + " line " + std::to_string(line) + ": more than 32 dots in one line"});
  }
  try {
    return toml::parse(contents);
  } catch (const toml::parse_error& error) {
    return tl::unexpected(Error{file + " line " + std::to_string(error.source().begin.line) + ": " +
                                std::string(error.description())});
  }
}

}  // namespace fncard::configuration

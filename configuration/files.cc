// SPDX-License-Identifier: Apache-2.0
#include "configuration/files.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace fncard::configuration {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLongest = 65'536;

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
  std::error_code failure;
  const fs::file_status status = fs::status(file, failure);
  if (!fs::exists(status)) {
    return toml::table();
  }
  if (!fs::is_regular_file(status) || fs::file_size(file, failure) > kLongest || failure) {
    return tl::unexpected(Error{file + ": not a file of at most 64 KiB"});
  }
  std::ifstream stream(file, std::ios::binary);
  std::string text(kLongest + 1, '\0');  // one more, so that the read meets the end
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || !stream.eof()) {
    return tl::unexpected(Error{file + ": cannot be read"});
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return tl::unexpected(Error{file + " line " + std::to_string(error.source().begin.line) + ": " +
                                std::string(error.description())});
  }
}

}  // namespace fncard::configuration

// SPDX-License-Identifier: Apache-2.0
#include "activation-client/configuration.h"

#include <toml++/toml.h>

#include <cstdlib>
#include <filesystem>

namespace fncard::activation_client {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody here sets it
  return value == nullptr ? std::string{} : std::string(value);
}

tl::expected<void, ConfigurationError> take(const toml::table& table, const char* key,
                                            const std::string& file, std::string& into) {
  const auto node = table[key];
  if (!node) {
    return {};
  }
  const auto value = node.value_exact<std::string>();
  if (!value) {
    return tl::unexpected(ConfigurationError{file + ": " + key + " is not a text"});
  }
  into = *value;
  return {};
}

tl::expected<void, ConfigurationError> readFile(const std::string& file, Configuration& into) {
  toml::table table;
  try {
    table = toml::parse_file(file);
  } catch (const toml::parse_error& error) {
    return tl::unexpected(ConfigurationError{file + " line " +
                                             std::to_string(error.source().begin.line) + ": " +
                                             std::string(error.description())});
  }
  std::string trust;
  for (const auto& [key, member] : {std::pair<const char*, std::string*>{"server", &into.server},
                                    {"trust", &trust},
                                    {"reader", &into.reader}}) {
    if (auto taken = take(table, key, file, *member); !taken) {
      return taken;
    }
  }
  if (!trust.empty()) {
    into.trust = (fs::path(file).parent_path() / trust).string();
  }
  return {};
}

}  // namespace

tl::expected<Configuration, ConfigurationError> readConfiguration(
    const std::vector<std::string>& files) {
  Configuration configuration;
  for (const std::string& file : files) {
    std::error_code ignored;
    if (!fs::exists(file, ignored)) {
      continue;
    }
    if (auto read = readFile(file, configuration); !read) {
      return tl::unexpected(read.error());
    }
  }
  return configuration;
}

std::vector<std::string> configurationFiles() {
  std::vector<std::string> files = {"/etc/fncard/fncard.toml"};
  const std::string home = variable("HOME");
  std::string own = variable("XDG_CONFIG_HOME");
  if (own.empty() && !home.empty()) {
    own = home + "/.config";
  }
  if (!own.empty()) {
    files.push_back(own + "/fncard/fncard.toml");
  }
  return files;
}

}  // namespace fncard::activation_client

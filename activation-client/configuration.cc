// SPDX-License-Identifier: Apache-2.0
#include "activation-client/configuration.h"

#include <filesystem>

#include "configuration/files.h"

namespace fncard::activation_client {
namespace {

namespace fs = std::filesystem;

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
  const auto read = configuration::read(file);
  if (!read) {
    return tl::unexpected(ConfigurationError{read.error().detail});
  }
  const toml::table& table = *read;
  std::string trust;
  std::string authorities;
  for (const auto& [key, member] : {std::pair<const char*, std::string*>{"server", &into.server},
                                    {"trust", &trust},
                                    {"reader", &into.reader},
                                    {"authorities", &authorities}}) {
    if (auto taken = take(table, key, file, *member); !taken) {
      return taken;
    }
  }
  if (!trust.empty()) {
    into.trust = (fs::path(file).parent_path() / trust).string();
  }
  if (!authorities.empty()) {
    into.authorities = (fs::path(file).parent_path() / authorities).string();
  }
  return {};
}

}  // namespace

tl::expected<Configuration, ConfigurationError> readConfiguration(
    const std::vector<std::string>& files) {
  Configuration configuration;
  for (const std::string& file : files) {
    if (auto read = readFile(file, configuration); !read) {
      return tl::unexpected(read.error());
    }
  }
  return configuration;
}

std::vector<std::string> configurationFiles() {
  return configuration::files();
}

}  // namespace fncard::activation_client

// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/settings.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "configuration/files.h"

namespace fncard::pkcs11 {

namespace {

using Node = toml::node_view<const toml::node>;

/// Programs that never give a PIN for one signature, so that without "session" they cannot sign at
/// all (docs/clients.md has what each does instead).
constexpr std::string_view kCannotAskAgain[] = {"firefox", "firefox-esr", "java", "ssh",
                                                "ssh-pkcs11-helper"};

/// Takes a text of a section; complains when it is something else.
bool text(Node section, const char* key, std::string& into, Settings& settings) {
  const auto node = section[key];
  if (!node) {
    return false;
  }
  const auto value = node.value_exact<std::string>();
  if (!value) {
    settings.complaints.push_back(std::string(key) + " is not a text");
    return false;
  }
  into = *value;
  return true;
}

void takeMode(Node section, Settings& settings) {
  std::string mode;
  if (!text(section, "always-authenticate", mode, settings)) {
    return;
  }
  if (mode == "context") {
    settings.alwaysAuthenticate = AlwaysAuthenticate::Context;
  } else if (mode == "session") {
    settings.alwaysAuthenticate = AlwaysAuthenticate::Session;
  } else {
    settings.complaints.push_back("always-authenticate is neither context nor session");
  }
}

}  // namespace

Settings readSettings(const std::vector<std::string>& files, std::string_view program) {
  Settings settings;
  if (std::ranges::find(kCannotAskAgain, program) != std::end(kCannotAskAgain)) {
    settings.alwaysAuthenticate = AlwaysAuthenticate::Session;
  }
  std::vector<toml::table> tables;
  for (const std::string& file : files) {
    auto table = configuration::read(file);
    if (table) {
      tables.push_back(std::move(*table));
    } else {
      settings.complaints.push_back(std::move(table.error().detail));
    }
  }
  for (const toml::table& table : tables) {
    const Node section(table["pkcs11"]);
    takeMode(section, settings);
    text(section, "authorities", settings.authorities, settings);
  }
  for (const toml::table& table : tables) {
    takeMode(Node(table["pkcs11"]["program"][program]), settings);
  }
  return settings;
}

Settings settingsOfThisProgram() {
  std::error_code failure;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failure).filename().string();
  Settings settings = readSettings(configuration::files(), program);
  if (const char* folder = secure_getenv("FNCARD_CA_DIR"); folder != nullptr) {
    settings.authorities = folder;
  }
  return settings;
}

}  // namespace fncard::pkcs11

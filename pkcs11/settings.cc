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

struct Mode {
  std::string_view name;
  AlwaysAuthenticate value;
};
constexpr Mode kModes[] = {{"context", AlwaysAuthenticate::Context},
                           {"session", AlwaysAuthenticate::Session},
                           {"dialog", AlwaysAuthenticate::Dialog}};

/// One file; what is wrong in it is told with its name.
struct File {
  std::string name;
  toml::table table;
};

/// Takes a text of a section; complains when it is something else.
bool text(const File& file, Node section, const char* key, std::string& into, Settings& settings) {
  const auto node = section[key];
  if (!node) {
    return false;
  }
  const auto value = node.value_exact<std::string>();
  if (!value) {
    settings.complaints.push_back(file.name + ": " + key + " is not a text");
    return false;
  }
  into = *value;
  return true;
}

void takeMode(const File& file, Node section, Settings& settings) {
  std::string mode;
  if (!text(file, section, "always-authenticate", mode, settings)) {
    return;
  }
  const auto found = std::ranges::find(kModes, mode, &Mode::name);
  if (found == std::end(kModes)) {
    settings.complaints.push_back(file.name +
                                  ": always-authenticate is none of context, session, dialog");
    return;
  }
  settings.alwaysAuthenticate = found->value;
}

}  // namespace

Settings readSettings(const std::vector<std::string>& names, std::string_view program) {
  Settings settings;
  settings.program = program;
  if (std::ranges::find(kCannotAskAgain, program) != std::end(kCannotAskAgain)) {
    settings.alwaysAuthenticate = AlwaysAuthenticate::Session;
  }
  std::vector<File> files;
  for (const std::string& name : names) {
    auto table = configuration::read(name);
    if (table) {
      files.push_back({.name = name, .table = std::move(*table)});
    } else {
      settings.complaints.push_back(std::move(table.error().detail));
    }
  }
  for (const File& file : files) {
    const Node section(file.table["pkcs11"]);
    takeMode(file, section, settings);
    text(file, section, "authorities", settings.authorities, settings);
  }
  for (const File& file : files) {
    takeMode(file, Node(file.table["pkcs11"]["program"][program]), settings);
  }
  return settings;
}

std::string programOf(std::string_view executable) {
  constexpr std::string_view kReplaced = " (deleted)";
  std::string name = std::filesystem::path(executable).filename().string();
  if (name.ends_with(kReplaced)) {
    name.resize(name.size() - kReplaced.size());
  }
  return name;
}

Settings settingsOfThisProgram() {
  std::error_code failure;
  const auto program = programOf(std::filesystem::read_symlink("/proc/self/exe", failure).string());
  Settings settings = readSettings(configuration::files(), program);
  if (const char* folder = secure_getenv("FNCARD_CA_DIR"); folder != nullptr) {
    settings.authorities = folder;
  }
  return settings;
}

}  // namespace fncard::pkcs11

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

/// The security devices of browsers: each profile has a database of NSS, whose pkcs11.txt names the
/// PKCS#11 modules that the browser loads. NSS's own modutil changes it.
namespace fncard::activation_client::browsers {

/// The name of the module in every database.
inline constexpr std::string_view kModuleName = "fncard";

enum class Browser { Firefox, Chromium };
const char* nameOf(Browser browser);

struct Database {
  Browser browser = Browser::Firefox;
  std::filesystem::path folder;
  /// Of a browser in a snap or flatpak, which cannot load modules of this system.
  bool confined = false;
};

/// Where a user's browsers keep their profiles.
struct Home {
  std::filesystem::path home;
  std::filesystem::path configuration;  ///< $XDG_CONFIG_HOME
  std::filesystem::path data;           ///< $XDG_DATA_HOME

  /// Of the person who runs this program; empty folders when HOME is not set.
  static Home ofEnvironment();
};

/// Those that exist: of every Firefox profile, and Chromium's one (or two: the place has moved).
std::vector<Database> databasesOf(const Home& home);

enum class Registration { Absent, Present, OtherFile };

/// From pkcs11.txt; OtherFile: a module of our name with another file.
Registration registrationOf(const Database& database, const std::filesystem::path& module);

/// Whether a process that this user may look at has a file of the database open: it would not see
/// the change, and might undo it.
bool isInUse(const Database& database);

/// The error is a message code: "client.register-no-modutil" (NSS's tools are not installed),
/// "client.register-failed".
using ChangeResult = tl::expected<void, std::string_view>;

/// Makes the database name this file and no other under our name. Not while isInUse().
ChangeResult add(const Database& database, const std::filesystem::path& module);
/// Takes our name out.
ChangeResult remove(const Database& database);

}  // namespace fncard::activation_client::browsers

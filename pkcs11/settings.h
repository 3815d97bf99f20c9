// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fncard::pkcs11 {

/// Where the PIN of a signature comes from.
enum class AlwaysAuthenticate {
  /// "context", the standard's way: the signing key says CKA_ALWAYS_AUTHENTICATE, and the
  /// application gives the PIN for each signature.
  Context,
  /// "session": the PIN of the login is used for each, for programs that cannot ask again; the
  /// default for those that are known not to (Firefox, ssh, Java).
  Session,
  /// "dialog": the agent asks the person for each, whatever the application does.
  Dialog,
};

/// What fncard.toml says to the module:
///   [pkcs11]               for every program
///   always-authenticate = "context" | "session" | "dialog"
///   authorities = "/folder/of/certificates"
///   [pkcs11.program.NAME]  for the program of that name (the last part of its path)
///   always-authenticate = …
struct Settings {
  AlwaysAuthenticate alwaysAuthenticate = AlwaysAuthenticate::Context;
  /// Where certificates of authorities are looked for.
  std::string authorities = "/etc/fncard/ca";
  /// The name of the program's file.
  std::string program;
  /// What was wrong in the files and is left out; for the log.
  std::vector<std::string> complaints;
};

/// The files that exist, in this order; what a later one says wins, and what is said for the
/// program wins over what is said for all. Never fails: what cannot be read or is not understood
/// counts as not said.
Settings readSettings(const std::vector<std::string>& names, std::string_view program);

/// The name of the program whose file /proc/self/exe says this is. An upgrade replaces the file of
/// a program that runs, and the kernel then marks the name.
std::string programOf(std::string_view executable);

/// From the files of this user for this program; FNCARD_CA_DIR names another folder of authorities.
Settings settingsOfThisProgram();

}  // namespace fncard::pkcs11

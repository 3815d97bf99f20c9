// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace fncard::activation_client {

/// fncard.toml: server = "https://…", trust = "FILE.pem", reader = "part of its name",
/// authorities = "FILE or FOLDER". Every member
/// may be absent; others are left alone, they are for other programs.
struct Configuration {
  std::string server;
  std::string trust;  ///< relative to the file that names it
  std::string reader;
  std::string authorities;  ///< file or folder, relative to the file that names it
};

/// Where a file is wrong: its name, the line and what is wrong there.
struct ConfigurationError {
  std::string detail;
};

/// Reads the files that exist, in this order; what a later one says wins.
tl::expected<Configuration, ConfigurationError> readConfiguration(
    const std::vector<std::string>& files);

/// /etc/fncard/fncard.toml, then $XDG_CONFIG_HOME/fncard/fncard.toml (~/.config without it).
std::vector<std::string> configurationFiles();

}  // namespace fncard::activation_client

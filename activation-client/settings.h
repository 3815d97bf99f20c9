// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "activation-client/configuration.h"

namespace fncard::activation_client {

/// What the command line and fncard.toml say, put together.
struct Settings {
  std::string server;
  std::string trust;        ///< PEM file; empty: the system's
  std::string reader;       ///< part of its name; empty: the one that has a card
  std::string authorities;  ///< file or folder with certificates of who is trusted; may be empty
};

/// The command line's where it says something, otherwise the file's. A trust file belongs to the
/// server that it is named with.
Settings merged(const Settings& commandLine, const Configuration& file);

/// The message code of why this server cannot be used: no address, not one, or not a secure one (in
/// clear, user codes go to programs of this computer alone); empty when it can. Parameter:
/// {server}.
std::string_view faultOfServer(const std::string& server);

}  // namespace fncard::activation_client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "activation-client/cli/commands.h"
#include "activation-client/cli/registration.h"

namespace fncard::activation_client {

/// Gives the exit code.
using Command = std::function<int(card::ReaderService&, const Settings&, const Output&)>;

struct CommandLine {
  std::string configuration;  ///< a settings file and no other; may be empty
  Settings settings;          ///< of the command line: it wins over the files
  bool json = false;
  Command command;  ///< what the subcommand does, after the parsing
};

/// All subcommands of fncard. line outlives app.
void addCommands(CLI::App& app, CommandLine& line);

}  // namespace fncard::activation_client

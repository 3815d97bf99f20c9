// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "activation-client/cli/output.h"
#include "card/reader.h"

namespace fncard::activation_client {

/// What the command line and fncard.toml say, put together.
struct Settings {
  std::string server;
  std::string trust;   ///< PEM file; empty: the system's
  std::string reader;  ///< part of its name; empty: the one that has a card
};

/// Of the commands that ask the issuer.
struct ApplicantOptions {
  std::string permitNumber;  ///< empty: asked at the terminal
};

struct ChangePinOptions {
  bool useLastTry = false;  ///< the person knows that it is the last
};

struct StatusOptions {
  bool offline = false;  ///< the server is not asked
};

/// One subcommand each; they return the exit code.
int runStatus(card::ReaderService& readers, const Settings& settings, const StatusOptions& options,
              const Output& output);
int runActivate(card::ReaderService& readers, const Settings& settings,
                const ApplicantOptions& options, const Output& output);
int runUnblock(card::ReaderService& readers, const Settings& settings,
               const ApplicantOptions& options, const Output& output);
int runChangePin(card::ReaderService& readers, const Settings& settings,
                 const ChangePinOptions& options, const Output& output);

}  // namespace fncard::activation_client

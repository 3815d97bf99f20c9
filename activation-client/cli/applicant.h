// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "activation-client/cli/commands.h"
#include "activation-client/cli/pin_dialogue.h"
#include "card/activation/transaction.h"

/// What the commands that need the issuer ask of the person, and say in the end.
namespace fncard::activation_client {

struct Applicant {
  std::string host;  ///< of the server
  std::string readerName;
  card::activation::Application application;
};

/// Checks the server's address and that there is a card before the person types anything. Otherwise
/// the program's exit code; the reason was said.
tl::expected<Applicant, int> askApplicant(card::ReaderService& readers, const Settings& settings,
                                          const ApplicantOptions& options, Prompt& prompt,
                                          const Output& output);

/// Says why it ended and gives the exit code.
int report(const card::activation::Failure& failure, const PinDialogue& dialogue,
           const std::string& host, const Output& output);

}  // namespace fncard::activation_client

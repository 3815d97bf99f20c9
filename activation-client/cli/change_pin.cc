// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "activation-client/cli/commands.h"
#include "activation-client/cli/pin_dialogue.h"
#include "activation-client/cli/pin_tries.h"
#include "activation-client/pin_change.h"
#include "card/card.h"

namespace fncard::activation_client {
namespace {

// The card is not held while the person types: other programs may use it.
card::Result<card::PinStatus> pinStatus(card::Card& card) {
  const auto application = card.begin();
  if (!application) {
    return tl::unexpected(application.error());
  }
  return (*application)->pinStatus();
}

}  // namespace

int runChangePin(card::ReaderService& readers, const Settings& settings,
                 const ChangePinOptions& options, const Output& output) {
  const auto card = card::openAnyCard(readers, settings.reader);
  if (!card) {
    return output.fail(card.error());
  }
  const auto status = pinStatus(**card);
  if (!status) {
    return output.fail(status.error());
  }
  Prompt prompt;
  bool useLastTry = options.useLastTry;
  if (const int stopped = checkTries(*status, useLastTry, prompt, output); stopped != Done) {
    return stopped;
  }
  if (status->triesLeft == 1U) {
    useLastTry = true;  // confirmed now, if not before
  }
  PinDialogue dialogue(prompt, output);
  const auto current = dialogue.currentPin("client.ask-current-pin");
  if (!current) {
    return output.fail(current.error());
  }
  const auto next = dialogue.choosePin({}, &*current);
  if (!next) {
    return dialogue.refusal().empty() ? output.fail(next.error())
                                      : output.fail(Refused, dialogue.refusal());
  }
  if (const auto changed = changePin(**card, *current, *next, useLastTry); !changed) {
    return output.fail(changed.error());
  }
  output.say("client.pin-changed");
  output.result({{"changed", true}, {"cardNumber", (*card)->identity().cardNumber}});
  return Done;
}

}  // namespace fncard::activation_client

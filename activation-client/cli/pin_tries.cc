// SPDX-License-Identifier: Apache-2.0
#include "activation-client/cli/pin_tries.h"

namespace fncard::activation_client {
namespace {

// True when the person says that the last try may be used.
bool confirmLastTry(Prompt& prompt, const Output& output) {
  if (!prompt.interactive()) {
    return false;
  }
  const std::string word = output.sentence("client.last-try-word");
  const auto answer = prompt.line(output.sentence("client.ask-last-try", {{"word", word}}));
  return answer && *answer == word;
}

}  // namespace

int checkTries(const card::PinStatus& status, bool useLastTry, Prompt& prompt,
               const Output& output) {
  if (status.blocked) {
    return output.fail(card::Error{.code = card::ErrorCode::PinBlocked, .triesLeft = 0U});
  }
  if (status.triesLeft) {
    output.say("client.tries-left", triesParameter(status.triesLeft));
  }
  if (status.triesLeft == 1U && !useLastTry && !confirmLastTry(prompt, output)) {
    return output.fail(card::Error{.code = card::ErrorCode::LastTryNotConfirmed, .triesLeft = 1U});
  }
  return Done;
}

}  // namespace fncard::activation_client

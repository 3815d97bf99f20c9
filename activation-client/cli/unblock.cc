// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "activation-client/cli/applicant.h"
#include "activation-client/issuer/http_issuer.h"
#include "card/activation/unblocking.h"

namespace fncard::activation_client {

int runUnblock(card::ReaderService& readers, const Settings& settings,
               const ApplicantOptions& options, const Output& output) {
  Prompt prompt;
  const auto applicant = askApplicant(readers, settings, options, prompt, output);
  if (!applicant) {
    return applicant.error();
  }
  HttpUnblockingIssuer issuer(settings.server, {.trustFile = settings.trust}, output.language());
  PinDialogue dialogue(prompt, output);
  const auto card = card::activation::unblock(readers, applicant->readerName,
                                              applicant->application, issuer, dialogue);
  if (!card) {
    return report(card.error(), dialogue, applicant->host, output);
  }
  output.say("client.unblocked", {{"cardNumber", card->cardNumber}});
  output.result({{"unblocked", true}, {"cardNumber", card->cardNumber}});
  return Done;
}

}  // namespace fncard::activation_client

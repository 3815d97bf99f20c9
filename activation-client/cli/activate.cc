// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "activation-client/cli/applicant.h"
#include "activation-client/issuer/http_issuer.h"
#include "card/activation/activation.h"

namespace fncard::activation_client {

int runActivate(card::ReaderService& readers, const Settings& settings,
                const ApplicantOptions& options, const Output& output) {
  Prompt prompt;
  const auto applicant = askApplicant(readers, settings, options, prompt, output);
  if (!applicant) {
    return applicant.error();
  }
  HttpIssuer issuer(settings.server, {.trustFile = settings.trust}, output.language());
  PinDialogue dialogue(prompt, output);
  const auto outcome = card::activation::activate(readers, applicant->readerName,
                                                  applicant->application, issuer, dialogue);
  if (!outcome) {
    return report(outcome.error(), dialogue, applicant->host, output);
  }
  output.say(outcome->wasAlreadyActive ? "client.already-active" : "client.activated",
             {{"cardNumber", outcome->card.cardNumber}});
  output.result({{"state", "active"},
                 {"cardNumber", outcome->card.cardNumber},
                 {"wasAlreadyActive", outcome->wasAlreadyActive}});
  return Done;
}

}  // namespace fncard::activation_client

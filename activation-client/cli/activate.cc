// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "activation-client/cli/commands.h"
#include "activation-client/cli/pin_dialogue.h"
#include "activation-client/issuer/http_issuer.h"
#include "activation-client/permit_number.h"
#include "card/activation/activation.h"

namespace fncard::activation_client {
namespace {

using card::activation::Failure;
using card::activation::Outcome;
using nlohmann::json;

constexpr int kAttempts = 3;

const char* nameOf(card::activation::Step step) {
  static constexpr const char* kNames[] = {"begin",   "card-proof", "release", "set-pin",
                                           "receipt", "commit",     "done"};
  return kNames[static_cast<std::size_t>(step)];
}

// The permit number, from the option or the terminal; with what is wrong with it, as a code.
tl::expected<std::string, std::string> askPermitNumber(const std::string& given, Prompt& prompt,
                                                       const Output& output) {
  std::string code;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string typed = given;
    if (given.empty()) {
      const auto line = prompt.line(output.sentence("client.ask-permit-number"));
      if (!line) {
        return tl::unexpected(std::string(card::messageCode(line.error().code)));
      }
      typed = *line;
    }
    std::string number = normalisePermitNumber(typed);
    const PermitNumberFault fault = faultOf(number);
    if (fault == PermitNumberFault::None) {
      return number;
    }
    code =
        fault == PermitNumberFault::Format ? "client.permit-format" : "client.permit-check-digit";
    if (!given.empty()) {
      break;
    }
    prompt.tell(output.sentence(code) + "\n");
  }
  return tl::unexpected(code);
}

// The user code goes to the server: in clear it may only go to a program of this computer.
bool isThisComputer(const std::string& host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1" || host == "[::1]";
}

int report(const Failure& failure, const PinDialogue& dialogue, const std::string& host,
           const Output& output) {
  // Why a PIN was refused says more than that it was.
  const std::string code = dialogue.refusal().empty() ? failure.code : dialogue.refusal();
  messages::Parameters parameters = triesParameter(failure.triesLeft);
  parameters.emplace_back("host", host);
  std::string sentence = failure.message;
  if (sentence.empty() || !dialogue.refusal().empty()) {
    sentence = messages::has(messages::Language::English, code)
                   ? output.sentence(code, parameters)
                   : output.sentence("client.server-error", {{"code", code}});
  }
  json more = {{"step", nameOf(failure.step)}, {"resumable", failure.resumable}};
  if (failure.triesLeft) {
    more["triesLeft"] = *failure.triesLeft;
  }
  return output.fail(exitCodeOf(std::string_view(code)), code, sentence, more);
}

int report(const Outcome& outcome, const Output& output) {
  output.say(outcome.wasAlreadyActive ? "client.already-active" : "client.activated",
             {{"cardNumber", outcome.card.cardNumber}});
  output.result({{"state", "active"},
                 {"cardNumber", outcome.card.cardNumber},
                 {"wasAlreadyActive", outcome.wasAlreadyActive}});
  return Done;
}

}  // namespace

int runActivate(card::ReaderService& readers, const Settings& settings,
                const ActivateOptions& options, const Output& output) {
  const auto server = net::Url::parse(settings.server);
  if (!server) {
    return output.fail(WrongUsage, settings.server.empty()
                                       ? "client.no-server"
                                       : net::messageCode(net::ErrorCode::InvalidUrl));
  }
  if (!server->tls && !isThisComputer(server->host)) {
    return output.fail(WrongUsage, "client.server-not-secure", {{"server", settings.server}});
  }
  Prompt prompt;
  if (options.permitNumber.empty() && !prompt.interactive()) {
    return output.fail(WrongUsage, "client.no-permit-number");
  }
  // Before the person types anything: is there a card of ours at all?
  const auto card = card::openAnyCard(readers, settings.reader);
  if (!card) {
    return output.fail(card.error());
  }
  const std::string readerName = (*card)->readerName();

  card::activation::Application application;
  auto permitNumber = askPermitNumber(options.permitNumber, prompt, output);
  if (!permitNumber) {
    return output.fail(Refused, permitNumber.error());
  }
  application.permitNumber = std::move(*permitNumber);
  auto userCode = prompt.secret(output.sentence("client.ask-user-code"));
  if (!userCode) {
    return output.fail(userCode.error());
  }
  if (userCode->empty()) {
    return output.fail(Refused, "client.no-user-code");
  }
  application.userCode = std::move(*userCode);

  HttpIssuer issuer(settings.server, {.trustFile = settings.trust}, output.language());
  PinDialogue dialogue(prompt, output);
  const auto outcome =
      card::activation::activate(readers, readerName, application, issuer, dialogue);
  return outcome ? report(*outcome, output)
                 : report(outcome.error(), dialogue, server->host, output);
}

}  // namespace fncard::activation_client

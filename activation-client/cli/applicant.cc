// SPDX-License-Identifier: Apache-2.0
#include "activation-client/cli/applicant.h"

#include <nlohmann/json.hpp>

#include "activation-client/permit_number.h"
#include "net/client.h"

namespace fncard::activation_client {
namespace {

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

tl::expected<std::string, int> hostOf(const Settings& settings, const Output& output) {
  if (const auto fault = faultOfServer(settings.server); !fault.empty()) {
    return tl::unexpected(output.fail(WrongUsage, fault, {{"server", settings.server}}));
  }
  return net::Url::parse(settings.server)->host;
}

}  // namespace

tl::expected<Applicant, int> askApplicant(card::ReaderService& readers, const Settings& settings,
                                          const ApplicantOptions& options, Prompt& prompt,
                                          const Output& output) {
  const auto host = hostOf(settings, output);
  if (!host) {
    return tl::unexpected(host.error());
  }
  if (options.permitNumber.empty() && !prompt.interactive()) {
    return tl::unexpected(output.fail(WrongUsage, "client.no-permit-number"));
  }
  const auto card = card::openAnyCard(readers, settings.reader);
  if (!card) {
    return tl::unexpected(output.fail(card.error()));
  }
  auto permitNumber = askPermitNumber(options.permitNumber, prompt, output);
  if (!permitNumber) {
    return tl::unexpected(output.fail(Refused, permitNumber.error()));
  }
  auto userCode = prompt.secret(output.sentence("client.ask-user-code"));
  if (!userCode) {
    return tl::unexpected(output.fail(userCode.error()));
  }
  if (userCode->empty()) {
    return tl::unexpected(output.fail(Refused, "client.no-user-code"));
  }
  return Applicant{.host = *host,
                   .readerName = (*card)->readerName(),
                   .application = {*std::move(permitNumber), *std::move(userCode)}};
}

int report(const card::activation::Failure& failure, const PinDialogue& dialogue,
           const std::string& host, const Output& output) {
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

}  // namespace fncard::activation_client

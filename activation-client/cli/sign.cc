// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "activation-client/cli/commands.h"
#include "activation-client/cli/pin_dialogue.h"
#include "activation-client/cli/pin_tries.h"
#include "documents/file.h"
#include "documents/signing.h"

namespace fncard::activation_client {
namespace {

using nlohmann::json;

struct Document {
  std::string file;
  std::string output;
  Bytes sha256;
};

// All are read before the person is asked for anything.
tl::expected<std::vector<Document>, int> readAll(const SignOptions& options, const Output& output) {
  if (!options.output.empty() && options.files.size() > 1) {
    return tl::unexpected(output.fail(WrongUsage, "client.one-output"));
  }
  std::vector<Document> all;
  for (const std::string& file : options.files) {
    auto digest = documents::digestDocument(file);
    if (!digest) {
      return tl::unexpected(output.fail(Refused, digest.error(), {{"file", file}}));
    }
    all.push_back(
        {.file = file,
         .output = options.output.empty() ? file + documents::kSignatureSuffix : options.output,
         .sha256 = *std::move(digest)});
    if (!options.force && documents::isThere(all.back().output)) {
      return tl::unexpected(
          output.fail(Refused, "documents.exists", {{"file", all.back().output}}));
    }
  }
  return all;
}

}  // namespace

int runSign(card::ReaderService& readers, const Settings& settings, const SignOptions& options,
            const Output& output) {
  const auto documents = readAll(options, output);
  if (!documents) {
    return documents.error();
  }
  auto card = documents::findSigningCard(readers, settings.reader);
  if (!card) {
    return output.fail(exitCodeOf(std::string_view(card.error())), card.error());
  }
  Prompt prompt;
  if (const int stopped = checkTries(card->pin, options.useLastTry, prompt, output);
      stopped != Done) {
    return stopped;
  }
  PinDialogue dialogue(prompt, output);
  const auto pin = dialogue.currentPin("client.ask-pin");
  if (!pin) {
    return output.fail(pin.error());
  }
  json list = json::array();
  for (const Document& document : *documents) {
    const auto signature = documents::signDocument(*card, *pin, document.sha256);
    if (!signature) {
      return output.fail(signature.error());
    }
    card->pin.triesLeft.reset();  // the PIN was right
    if (const auto written = documents::writeDocument(document.output, *signature, options.force);
        !written) {
      return output.fail(Refused, written.error(), {{"file", document.output}});
    }
    output.say("client.signed", {{"file", document.file}, {"output", document.output}});
    list.push_back({{"file", document.file}, {"signature", document.output}});
  }
  output.result({{"signer", card->holder}, {"signed", list}});
  return Done;
}

}  // namespace fncard::activation_client

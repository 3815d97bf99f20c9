// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <nlohmann/json.hpp>

#include "activation-client/cli/certificate_text.h"
#include "activation-client/cli/commands.h"
#include "activation-client/cli/responder.h"
#include "documents/file.h"
#include "documents/signing.h"
#include "documents/verification.h"

namespace fncard::activation_client {
namespace {

using documents::SignerVerdict;
using nlohmann::json;

constexpr std::string_view kSignature = documents::kSignatureSuffix;

/// What was signed, unless it is in the message, and the message.
struct Pair {
  std::string document;
  std::string message;
};

// The document's own name and the signature's beside it, whichever of the two was named.
Pair pairOf(const VerifyOptions& options) {
  if (!options.signature.empty()) {
    return {options.file, options.signature};
  }
  if (options.file.ends_with(kSignature)) {
    const std::string document = options.file.substr(0, options.file.size() - kSignature.size());
    return {documents::isThere(document) ? document : "", options.file};
  }
  const std::string beside = options.file + documents::kSignatureSuffix;
  return documents::isThere(beside) ? Pair{options.file, beside} : Pair{"", options.file};
}

json answerOf(bool good, trust::ErrorCode code, const Output& output) {
  if (good) {
    return {{"good", true}};
  }
  const std::string_view name = trust::messageCode(code);
  output.indented(name);
  return {{"good", false}, {"code", name}};
}

json answerOf(const trust::Answer& answer, const Output& output) {
  return answerOf(answer.good, answer.code, output);
}

// A line that says whether to rely on it, then why not.
json describe(const SignerVerdict& verdict, const std::string& file, const Output& output) {
  const auto& certificate = verdict.signer.certificate;
  const std::string name = certificate ? certificate->commonName : "?";
  output.say(verdict.good() ? "client.verify-good" : "client.verify-bad",
             {{"file", file}, {"name", name}});
  json out = {{"good", verdict.good()},
              {"signingTime", verdict.signer.signingTime ? json(iso(*verdict.signer.signingTime))
                                                         : json(nullptr)}};
  if (verdict.signer.signingTime) {
    output.indented("client.verify-time", {{"day", day(*verdict.signer.signingTime)}});
  }
  const auto& signature = verdict.signer.signature;
  out["signature"] = answerOf(signature.has_value(),
                              signature ? trust::ErrorCode{} : signature.error().code, output);
  if (verdict.verdict) {
    out["name"] = name;
    out["subject"] = certificate->subject;
    out["serial"] = certificate->serial;
    out["chain"] = answerOf(verdict.verdict->chain, output);
    out["time"] = answerOf(verdict.verdict->time, output);
    out["status"] = answerOf(verdict.verdict->status, output);
    out["class"] = answerOf(verdict.verdict->subjectClass, output);
    out["assuranceLevel"] = answerOf(verdict.verdict->assuranceLevel, output);
    out["keyUsage"] = answerOf(verdict.verdict->keyUsage, output);
  }
  return out;
}

}  // namespace

int runVerify(const Settings& settings, const VerifyOptions& options, const Output& output) {
  if (settings.authorities.empty()) {
    return output.fail(WrongUsage, "client.no-authorities");
  }
  const documents::Authorities authorities = documents::readAuthorities(settings.authorities);
  if (authorities.roots.empty()) {
    return output.fail(Refused, "client.no-root", {{"file", settings.authorities}});
  }
  const Pair pair = pairOf(options);
  const auto message = documents::readDocument(pair.message);
  if (!message) {
    return output.fail(Refused, message.error(), {{"file", pair.message}});
  }
  std::optional<trust::Bytes> content;
  if (!pair.document.empty()) {
    auto read = documents::readDocument(pair.document);
    if (!read) {
      return output.fail(Refused, read.error(), {{"file", pair.document}});
    }
    content = *std::move(read);
  }
  const std::string file = pair.document.empty() ? pair.message : pair.document;
  const auto signers =
      documents::verify(*message, content, authorities, responder(settings, options.offline),
                        std::chrono::system_clock::now());
  if (!signers) {
    return output.fail(Refused, trust::messageCode(signers.error().code), {{"file", file}});
  }
  json list = json::array();
  bool good = true;
  for (const SignerVerdict& signer : *signers) {
    list.push_back(describe(signer, file, output));
    good = good && signer.good();
  }
  output.result({{"file", file}, {"signature", pair.message}, {"good", good}, {"signers", list}});
  return good ? Done : Refused;
}

}  // namespace fncard::activation_client

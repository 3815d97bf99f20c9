// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <nlohmann/json.hpp>

#include "activation-client/cli/commands.h"
#include "activation-client/cli/responder.h"
#include "documents/encryption.h"
#include "documents/file.h"

namespace fncard::activation_client {
namespace {

using nlohmann::json;

constexpr const char* kEnvelopeSuffix = ".p7m";

/// The first thing that is wrong with a recipient's certificate, as a message code; empty for none.
std::string_view faultOf(const trust::Certificate& certificate, const Settings& settings,
                         const EncryptOptions& options, const documents::Authorities& authorities) {
  const trust::Verdict verdict =
      documents::judge(certificate, trust::Purpose::Encryption, authorities, {},
                       responder(settings, options.offline), std::chrono::system_clock::now());
  std::vector<const trust::Answer*> answers = {&verdict.keyUsage, &verdict.time};
  if (!options.unchecked) {
    answers.insert(answers.end(), {&verdict.chain, &verdict.subjectClass, &verdict.assuranceLevel,
                                   &verdict.status});
  }
  for (const trust::Answer* const answer : answers) {
    if (!answer->good) {
      return trust::messageCode(answer->code);
    }
  }
  return {};
}

}  // namespace

int runEncrypt(const Settings& settings, const EncryptOptions& options, const Output& output) {
  documents::Authorities authorities;
  if (!settings.authorities.empty()) {
    authorities = documents::readAuthorities(settings.authorities);
  } else if (!options.unchecked) {
    return output.fail(WrongUsage, "client.no-authorities");
  }
  std::vector<trust::Bytes> recipients;
  json names = json::array();
  for (const std::string& file : options.recipients) {
    const auto bytes = documents::readDocument(file);
    if (!bytes) {
      return output.fail(Refused, bytes.error(), {{"file", file}});
    }
    const auto certificate = trust::Certificate::read(*bytes);
    if (!certificate) {
      return output.fail(Refused, trust::messageCode(certificate.error().code));
    }
    if (const auto fault = faultOf(*certificate, settings, options, authorities); !fault.empty()) {
      return output.fail(
          Refused, "client.recipient",
          output.sentence("client.recipient", {{"file", file}}) + " " + output.sentence(fault),
          {{"file", file}, {"reason", fault}});
    }
    recipients.push_back(certificate->der);
    names.push_back(certificate->commonName);
  }
  const auto content = documents::readDocument(options.file);
  if (!content) {
    return output.fail(Refused, content.error(), {{"file", options.file}});
  }
  const auto message = documents::encrypt(*content, recipients);
  if (!message) {
    return output.fail(Refused, trust::messageCode(message.error().code));
  }
  const std::string target =
      options.output.empty() ? options.file + kEnvelopeSuffix : options.output;
  if (const auto written = documents::writeDocument(target, *message, options.force); !written) {
    return output.fail(Refused, written.error(), {{"file", target}});
  }
  output.say("client.encrypted", {{"file", options.file}, {"output", target}});
  output.result({{"file", options.file}, {"output", target}, {"recipients", names}});
  return Done;
}

}  // namespace fncard::activation_client

// SPDX-License-Identifier: Apache-2.0
#include "agent/dialogs/dialog_content.h"

#include <QStringList>
#include <string_view>

#include "agent/core/display_text.h"
#include "widgets/text.h"

namespace fncard::agent {
namespace {

using messages::Language;
using widgets::textOf;

constexpr qsizetype kMaxName = 60;
constexpr qsizetype kMaxFile = 50;
constexpr qsizetype kMaxFingerprint = 160;  // SHA-512, in groups: shown whole

struct PurposeTexts {
  std::string_view heading;
  std::string_view explanation;
  std::string_view button;
};

PurposeTexts textsOf(agent_link::Purpose purpose) {
  using agent_link::Purpose;
  switch (purpose) {
    case Purpose::Signature:
      return {"agent.sign-heading", "agent.sign-explanation", "agent.button-sign"};
    case Purpose::Decryption:
      return {"agent.decrypt-heading", "agent.decrypt-explanation", "agent.button-decrypt"};
    case Purpose::Login:
      break;
  }
  return {"agent.login-heading", "agent.login-explanation", "agent.button-login"};
}

PurposeTexts textsOf(operations::Purpose purpose) {
  using operations::Purpose;
  switch (purpose) {
    case Purpose::Signature:
      return {"agent.site-sign-heading", "agent.site-sign-explanation", "agent.button-sign"};
    case Purpose::CertificateSharing:
      return {"agent.site-share-heading", "agent.site-share-explanation", "agent.button-share"};
    case Purpose::Authentication:
      break;
  }
  return {"agent.site-authenticate-heading", "agent.site-authenticate-explanation",
          "agent.button-authenticate"};
}

/// What must be known of earlier and further tries.
void addTries(DialogContent& content, std::optional<unsigned> triesLeft, bool wrongPinBefore,
              Language language) {
  QStringList sentences;
  if (wrongPinBefore) {
    sentences += textOf(language, "agent.wrong-pin");
  }
  content.lastTry = triesLeft == 1U;
  if (content.lastTry) {
    sentences += textOf(language, "agent.last-try");
  } else if (triesLeft) {
    sentences += textOf(language, "agent.tries-left", {{"tries", std::to_string(*triesLeft)}});
  }
  (wrongPinBefore || content.lastTry ? content.warning : content.note) =
      sentences.join(QLatin1Char('\n'));
}

/// Unknown things have no line.
void addFact(DialogContent& content, const QString& name, const std::string& value,
             qsizetype maxCharacters) {
  const QString shown = displayText(value, maxCharacters);
  if (!shown.isEmpty()) {
    content.facts.append({name, shown});
  }
}

/// In groups, so that two can be compared and the line can break.
std::string grouped(const std::string& hexadecimal) {
  constexpr std::size_t kGroup = 8;
  std::string text;
  for (std::size_t start = 0; start < hexadecimal.size(); start += kGroup) {
    text += (start == 0 ? "" : " ") + hexadecimal.substr(start, kGroup);
  }
  return text;
}

DialogContent contentOfProgram(const PinQuestion& question, Language language) {
  const agent_link::PinRequest& request = question.request;
  const PurposeTexts texts = textsOf(request.purpose);
  QString program = displayText(request.program, kMaxName);
  if (program.isEmpty()) {
    program = textOf(language, "agent.some-program");
  }
  DialogContent content;
  content.heading = textOf(language, texts.heading, {{"program", program.toStdString()}});
  content.explanation = textOf(language, texts.explanation);
  content.button = textOf(language, texts.button);
  addFact(content, textOf(language, "agent.label-holder"), request.holder, kMaxName);
  addFact(content, textOf(language, "agent.label-card"), request.cardNumber, kMaxName);
  addFact(content, textOf(language, "agent.label-program-file"), question.programFile, kMaxFile);
  addTries(content, request.triesLeft, request.wrongPinBefore, language);
  return content;
}

DialogContent contentOfSite(const operations::Question& question, Language language) {
  const PurposeTexts texts = textsOf(question.purpose);
  DialogContent content;
  content.heading = textOf(language, texts.heading);
  content.origin = QString::fromStdString(question.origin);  // ASCII, as Origin has it
  content.wantsPin = question.wantsPin();
  if (!question.problem.empty()) {
    content.warning = textOf(language, question.problem);
    content.button = textOf(language, "agent.button-again");
    return content;
  }
  content.explanation = textOf(language, texts.explanation);
  content.button = textOf(language, texts.button);
  addFact(content, textOf(language, "agent.label-holder"), question.holder, kMaxName);
  addFact(content, textOf(language, "agent.label-card"), question.cardNumber, kMaxName);
  addFact(content, textOf(language, "agent.label-document"), question.document, kMaxName);
  addFact(content, textOf(language, "agent.label-fingerprint"), grouped(question.fingerprint),
          kMaxFingerprint);
  if (content.wantsPin) {
    addTries(content, question.triesLeft, question.wrongPinBefore, language);
  }
  return content;
}

}  // namespace

DialogContent contentOf(const PinQuestion& question, Language language) {
  DialogContent content = question.site ? contentOfSite(*question.site, language)
                                        : contentOfProgram(question, language);
  content.title = textOf(language, content.wantsPin ? "agent.window-title" : "agent.consent-title");
  return content;
}

}  // namespace fncard::agent

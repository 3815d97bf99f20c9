// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "server/api/call.h"
#include "server/api/values.h"
#include "server/api/verdict.h"
#include "server/base/time.h"

namespace fncard::server::api {
namespace {

constexpr std::size_t kLargestCertificate = 16UL * 1024;
constexpr std::size_t kLargestMessage = 1024UL * 1024;  // the body's own limit

struct Question {
  std::optional<trust::Bytes> certificate;
  std::optional<trust::Bytes> message;
  std::optional<trust::Bytes> content;
  trust::Purpose purpose = trust::Purpose::Signature;
  std::optional<Time> at;
};

/// A certificate or a message, and content beside a message alone.
Result<Question> read(const std::string& text) {
  auto body = JsonReader::parse(text);
  if (!body) {
    return tl::unexpected(body.error());
  }
  Question question;
  question.certificate = body->optionalBase64("certificate", 1, kLargestCertificate);
  question.message = body->optionalBase64("cms", 1, kLargestMessage);
  question.content = body->optionalBase64("content", 0, kLargestMessage);
  question.purpose = purposeOf(body->optionalOneOf("purpose", purposeNames()));
  const std::string at = body->optionalText("at", 1, kLongestWord);
  if (const auto finished = body->finish(); !finished) {
    return tl::unexpected(finished.error());
  }
  question.at = parseUtcText(at);
  if (!at.empty() && !question.at) {
    return invalidMember("at");
  }
  if (question.certificate.has_value() == question.message.has_value()) {
    return invalidMember("certificate");
  }
  if (question.content && !question.message) {
    return invalidMember("content");
  }
  return question;
}

/// What cannot be read is not good: the answer is about the evidence, not about the call.
nlohmann::json unreadable(const trust::Error& error, messages::Language language) {
  return answerOf(tl::unexpected(error), language);
}

Answer verify(const Services& services, const net::Request& request) {
  const auto question = read(request.body);
  if (!question) {
    return tl::unexpected(question.error());
  }
  const auto language = messages::fromAcceptLanguage(request.header("accept-language"));
  const Judge judge = [&](const trust::Certificate& certificate,
                          const std::vector<trust::Bytes>& along) {
    return services.publication.judge(certificate, along, question->purpose, question->at);
  };
  const auto verdict = [&]() -> Result<nlohmann::json> {
    if (question->message) {
      const auto message = trust::SignedMessage::read(*question->message, question->content);
      return message ? verdictOf(*message, judge, language) : unreadable(message.error(), language);
    }
    const auto certificate = trust::Certificate::read(*question->certificate);
    return certificate ? verdictOf(*certificate, judge, language)
                       : unreadable(certificate.error(), language);
  }();
  if (!verdict) {
    return tl::unexpected(verdict.error());
  }
  net::Response response = json(200, *verdict);
  response.headers["content-language"] = messages::tag(language);
  return response;
}

}  // namespace

void addVerifyRoutes(Routes& routes) {
  const Services services = routes.services();
  routes.add("POST", "/api/v1/verify", [services](const net::Request& request, const Parameters&) {
    return verify(services, request);
  });
}

}  // namespace fncard::server::api

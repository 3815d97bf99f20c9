// SPDX-License-Identifier: Apache-2.0
#include "server/api/verdict.h"

#include <nlohmann/json.hpp>

#include "server/api/call.h"
#include "server/base/time.h"

namespace fncard::server::api {
namespace {

using Object = nlohmann::json;

Object answered(const trust::Answer& answer, messages::Language language) {
  return answer.good ? answerOf(trust::Result<void>(), language)
                     : answerOf(tl::unexpected(trust::Error{answer.code, answer.detail}), language);
}

Object describe(const trust::Certificate& certificate) {
  return {{"subject", certificate.subject},
          {"serial", certificate.serial},
          {"issuer", certificate.issuer},
          {"notBefore", utcText(certificate.notBefore)},
          {"notAfter", utcText(certificate.notAfter)}};
}

Object questions(const trust::Certificate& certificate, const publication::Judgement& judgement,
                 messages::Language language) {
  const trust::Verdict& verdict = judgement.verdict;
  Object status = answered(verdict.status, language);
  status["since"] = timeOrNull(judgement.statusSince);
  return {{"good", verdict.good()},
          {"certificate", describe(certificate)},
          {"chain", answered(verdict.chain, language)},
          {"time", answered(verdict.time, language)},
          {"status", std::move(status)},
          {"class", answered(verdict.subjectClass, language)},
          {"assuranceLevel", answered(verdict.assuranceLevel, language)},
          {"keyUsage", answered(verdict.keyUsage, language)}};
}

}  // namespace

const std::vector<std::string>& purposeNames() {
  static const std::vector<std::string> kNames = {"signature", "authentication", "encryption"};
  return kNames;
}

trust::Purpose purposeOf(const std::string& name) {
  if (name == "authentication") {
    return trust::Purpose::Authentication;
  }
  return name == "encryption" ? trust::Purpose::Encryption : trust::Purpose::Signature;
}

Object answerOf(const trust::Result<void>& answer, messages::Language language) {
  if (answer) {
    return {{"good", true}, {"code", nullptr}, {"message", nullptr}};
  }
  const std::string_view code = trust::messageCode(answer.error().code);
  return {{"good", false}, {"code", code}, {"message", messages::text(language, code)}};
}

Result<Object> verdictOf(const trust::Certificate& certificate, const Judge& judge,
                         messages::Language language) {
  const auto judgement = judge(certificate, {});
  if (!judgement) {
    return tl::unexpected(judgement.error());
  }
  return questions(certificate, *judgement, language);
}

Result<Object> verdictOf(const trust::SignedMessage& message, const Judge& judge,
                         messages::Language language) {
  bool allGood = true;
  Object signers = Object::array();
  for (const trust::Signer& signer : message.signers) {
    Object one = {{"good", false}, {"certificate", nullptr}};
    if (signer.certificate) {
      const auto judgement = judge(*signer.certificate, message.certificates);
      if (!judgement) {
        return tl::unexpected(judgement.error());
      }
      one = questions(*signer.certificate, *judgement, language);
    }
    one["signature"] = answerOf(signer.signature, language);
    one["signingTime"] = timeOrNull(signer.signingTime.value_or(Time{}));
    one["good"] = one["good"].get<bool>() && signer.signature.has_value();
    allGood = allGood && one["good"].get<bool>();
    signers.push_back(std::move(one));
  }
  return Object{{"good", allGood}, {"signers", std::move(signers)}};
}

}  // namespace fncard::server::api

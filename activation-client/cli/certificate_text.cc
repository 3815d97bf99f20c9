// SPDX-License-Identifier: Apache-2.0
#include "activation-client/cli/certificate_text.h"

#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>

namespace fncard::activation_client {
namespace {

std::string format(trust::Time time, const char* form) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32] = {};
  std::strftime(text, sizeof text, form, &utc);
  return text;
}

}  // namespace

std::string iso(trust::Time time) {
  return format(time, "%Y-%m-%dT%H:%M:%SZ");
}

std::string day(trust::Time time) {
  return format(time + std::chrono::hours(8), "%Y-%m-%d");
}

nlohmann::json describeCertificate(const trust::Certificate& certificate, const char* messageCode,
                                   const Output& output) {
  output.indented(messageCode, {{"name", certificate.commonName},
                                {"algorithm", certificate.keyAlgorithm},
                                {"from", day(certificate.notBefore)},
                                {"to", day(certificate.notAfter)}});
  return {{"subject", certificate.subject},
          {"serial", certificate.serial},
          {"algorithm", certificate.keyAlgorithm},
          {"notBefore", iso(certificate.notBefore)},
          {"notAfter", iso(certificate.notAfter)},
          {"valid", std::chrono::system_clock::now() >= certificate.notBefore &&
                        std::chrono::system_clock::now() <= certificate.notAfter}};
}

}  // namespace fncard::activation_client

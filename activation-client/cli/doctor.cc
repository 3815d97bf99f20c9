// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>

#include "activation-client/browsers/security_devices.h"
#include "activation-client/cli/certificate_text.h"
#include "activation-client/cli/commands.h"
#include "activation-client/cli/registration.h"
#include "activation-client/issuer/http_issuer.h"
#include "agent-link/connect.h"
#include "card/card.h"
#include "net/client.h"

namespace fncard::activation_client {
namespace {

using nlohmann::json;
using std::chrono::system_clock;

constexpr std::chrono::seconds kServerTime{5};
constexpr std::chrono::minutes kClockTolerance{5};
constexpr std::chrono::hours kRenewalReminder{60 * 24};

/// A hint is no fault of this PC: something that some uses need is not there or not known.
enum class Finding { Good, Hint, Problem };

/// What was looked at, one line each, and what to do where something is wrong.
class Report {
 public:
  explicit Report(const Output& output) : output_(output) {}

  void add(const char* name, Finding finding, std::string_view code,
           const messages::Parameters& parameters = {}) {
    static constexpr const char* kNames[] = {"good", "hint", "problem"};
    static constexpr const char* kLines[] = {"client.doctor-good", "client.doctor-hint",
                                             "client.doctor-problem"};
    const auto at = static_cast<std::size_t>(finding);
    const std::string sentence = output_.sentence(code, parameters);
    output_.say(kLines[at], {{"sentence", sentence}});
    checks_.push_back(
        {{"check", name}, {"finding", kNames[at]}, {"code", code}, {"message", sentence}});
    problems_ += finding == Finding::Problem ? 1 : 0;
  }
  [[nodiscard]] int problems() const { return problems_; }
  [[nodiscard]] const json& checks() const { return checks_; }

 private:
  const Output& output_;
  json checks_ = json::array();
  int problems_ = 0;
};

void lookAtCertificates(card::CardApplication& application, Report& report,
                        std::vector<trust::Certificate>& found) {
  for (const auto& [role, name, messageCode] : kHoldersCertificates) {
    const auto der = application.readCertificate(role);
    const auto read = der ? trust::Certificate::read(*der)
                          : trust::Result<trust::Certificate>(tl::unexpected(trust::Error{}));
    if (!read) {
      report.add(name, Finding::Problem, "client.doctor-no-certificate");
      continue;
    }
    const auto now = system_clock::now();
    const messages::Parameters until = {{"name", read->commonName},
                                        {"algorithm", read->keyAlgorithm},
                                        {"from", day(read->notBefore)},
                                        {"to", day(read->notAfter)}};
    if (now < read->notBefore) {
      report.add(name, Finding::Problem, trust::messageCode(trust::ErrorCode::NotYetValid));
    } else if (now > read->notAfter) {
      report.add(name, Finding::Problem, trust::messageCode(trust::ErrorCode::Expired));
    } else if (now + kRenewalReminder > read->notAfter) {
      report.add(name, Finding::Hint, "client.doctor-renew", until);
    } else {
      report.add(name, Finding::Good, messageCode, until);
    }
    found.push_back(*read);
  }
}

void lookAtPin(card::CardApplication& application, Report& report) {
  const auto pin = application.pinStatus();
  if (!pin) {
    report.add("pin", Finding::Problem, card::messageCode(pin.error().code));
  } else if (pin->blocked) {
    report.add("pin", Finding::Problem, card::messageCode(card::ErrorCode::PinBlocked));
  } else if (pin->triesLeft) {
    report.add("pin", *pin->triesLeft == 1 ? Finding::Hint : Finding::Good, "client.status-pin",
               triesParameter(pin->triesLeft));
  }
}

/// Gives the certificates of the card, for the question to the server.
std::vector<trust::Certificate> lookAtCard(card::ReaderService& readers, const Settings& settings,
                                           Report& report, int& exitCode) {
  std::vector<trust::Certificate> certificates;
  const auto card = card::openAnyCard(readers, settings.reader);
  const auto fail = [&](const card::Error& error) {
    report.add("card", Finding::Problem, card::messageCode(error.code));
    exitCode = exitCodeOf(error.code);
    return certificates;
  };
  if (!card) {
    return fail(card.error());
  }
  const auto application = (*card)->begin();
  if (!application) {
    return fail(application.error());
  }
  report.add("reader", Finding::Good, "client.status-reader", {{"reader", (*card)->readerName()}});
  const card::CardIdentity& identity = (*card)->identity();
  report.add("card", identity.cardNumber.empty() ? Finding::Hint : Finding::Good,
             identity.cardNumber.empty() ? "client.status-other-card" : "client.status-card",
             {{"cardNumber", identity.cardNumber},
              {"guid", wire::toHex(identity.guid)},
              {"expiry", identity.expiry}});
  lookAtCertificates(**application, report, certificates);
  lookAtPin(**application, report);
  return certificates;
}

/// The minutes between this PC's clock and the Date of an answer (RFC 9110 §6.6.1); nothing without
/// one.
std::optional<long long> minutesAway(const net::Response& answer) {
  const auto field = answer.headers.find("date");
  std::tm parts{};
  if (field == answer.headers.end() ||
      ::strptime(field->second.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr) {
    return std::nullopt;
  }
  const auto away = system_clock::now() - system_clock::from_time_t(::timegm(&parts));
  return std::chrono::duration_cast<std::chrono::minutes>(std::chrono::abs(away)).count();
}

void lookAtStatus(const std::vector<trust::Certificate>& certificates, const Settings& settings,
                  const Output& output, Report& report) {
  if (certificates.empty()) {
    return;
  }
  HttpIssuer issuer(settings.server, {.timeout = kServerTime, .trustFile = settings.trust},
                    output.language());
  const auto status = issuer.certificateStatus(certificates.front().serial);
  if (!status || *status == PublishedStatus::Unknown) {
    report.add("activation", Finding::Hint, "client.status-unknown");
    return;
  }
  report.add("activation", *status == PublishedStatus::Good ? Finding::Good : Finding::Problem,
             *status == PublishedStatus::Good     ? "client.status-active"
             : *status == PublishedStatus::OnHold ? "client.status-on-hold"
                                                  : "client.status-revoked");
}

void lookAtServer(const std::vector<trust::Certificate>& certificates, const Settings& settings,
                  const Output& output, Report& report) {
  const auto url = net::Url::parse(settings.server);
  if (settings.server.empty() || !url) {
    report.add("server", settings.server.empty() ? Finding::Hint : Finding::Problem,
               settings.server.empty() ? std::string_view("client.no-server")
                                       : net::messageCode(net::ErrorCode::InvalidUrl));
    return;
  }
  const auto answer =
      net::Client({.timeout = kServerTime, .trustFile = settings.trust}).get(settings.server);
  if (!answer) {
    report.add("server", Finding::Problem, net::messageCode(answer.error().code),
               {{"host", url->host}});
    return;
  }
  report.add("server", Finding::Good, "client.doctor-server", {{"host", url->host}});
  if (const auto minutes = minutesAway(*answer)) {
    const bool good = *minutes <= kClockTolerance.count();
    report.add("clock", good ? Finding::Good : Finding::Problem,
               good ? "client.doctor-clock" : "client.doctor-clock-wrong",
               {{"minutes", std::to_string(*minutes)}});
  }
  lookAtStatus(certificates, settings, output, report);
}

void lookAtBrowsers(Report& report) {
  namespace devices = browsers;
  for (const auto& database : devices::databasesOf(devices::Home::ofEnvironment())) {
    const bool present =
        devices::registrationOf(database, installedModule()) != devices::Registration::Absent;
    const bool good = present && !database.confined;
    report.add(
        "browser", good ? Finding::Good : Finding::Hint,
        good                ? "client.registered"
        : database.confined ? "client.register-confined"
                            : "client.doctor-not-registered",
        {{"browser", devices::nameOf(database.browser)}, {"folder", database.folder.string()}});
  }
}

}  // namespace

int runDoctor(card::ReaderService& readers, const Settings& settings, const Output& output) {
  Report report(output);
  int exitCode = Done;
  const auto certificates = lookAtCard(readers, settings, report, exitCode);
  lookAtServer(certificates, settings, output, report);
  const bool agent = agent_link::connectToAgent().has_value();
  report.add("agent", agent ? Finding::Good : Finding::Hint,
             agent ? "client.doctor-agent" : "client.doctor-no-agent");
  lookAtBrowsers(report);
  output.result({{"good", report.problems() == 0}, {"checks", report.checks()}});
  return exitCode != Done ? exitCode : report.problems() == 0 ? Done : Refused;
}

}  // namespace fncard::activation_client

// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <nlohmann/json.hpp>

#include "activation-client/cli/certificate_text.h"
#include "activation-client/cli/commands.h"
#include "activation-client/issuer/http_issuer.h"
#include "card/card.h"
#include "trust/certificate.h"

namespace fncard::activation_client {
namespace {

using nlohmann::json;

// A status is a question, not a job: the server gets little time to answer it.
constexpr std::chrono::seconds kServerTime{5};

const char* nameOf(PublishedStatus status) {
  switch (status) {
    case PublishedStatus::Good:
      return "active";
    case PublishedStatus::OnHold:
      return "on-hold";
    case PublishedStatus::Revoked:
      return "revoked";
    case PublishedStatus::Unknown:
      return "unknown";
  }
  return "unknown";
}

// "active", "on-hold", "revoked", or "unknown" when nobody could be asked.
std::string activationOf(const trust::Certificate& certificate, const Settings& settings,
                         const StatusOptions& options, const Output& output) {
  if (settings.server.empty() || options.offline) {
    return "unknown";
  }
  HttpIssuer issuer(settings.server, {.timeout = kServerTime, .trustFile = settings.trust},
                    output.language());
  const auto status = issuer.certificateStatus(certificate.serial);
  return status ? nameOf(*status) : "unknown";
}

void describePin(card::CardApplication& application, const Output& output, json& out) {
  const auto pin = application.pinStatus();
  if (!pin) {
    return;
  }
  out["pin"] = {{"blocked", pin->blocked}};
  if (pin->blocked) {
    output.indented("client.status-pin-blocked");
  } else if (pin->triesLeft) {
    out["pin"]["triesLeft"] = *pin->triesLeft;
    output.indented("client.status-pin", triesParameter(pin->triesLeft));
  }
}

// What the card says of itself. The certificates leave by the parameter: the server is asked about
// them when the card is free again.
card::Result<json> describeCard(card::Card& card, const Output& output,
                                std::vector<trust::Certificate>& certificates) {
  const auto application = card.begin();
  if (!application) {
    return tl::unexpected(application.error());
  }
  const card::CardIdentity& identity = card.identity();
  json out = {
      {"cardNumber", identity.cardNumber.empty() ? json(nullptr) : json(identity.cardNumber)},
      {"guid", wire::toHex(identity.guid)},
      {"expiry", identity.expiry.empty() ? json(nullptr) : json(identity.expiry)},
      {"certificates", json::object()}};
  output.indented(identity.cardNumber.empty() ? "client.status-other-card" : "client.status-card",
                  {{"cardNumber", identity.cardNumber},
                   {"guid", wire::toHex(identity.guid)},
                   {"expiry", identity.expiry}});
  for (const auto& [role, name, messageCode] : kHoldersCertificates) {
    const auto der = (*application)->readCertificate(role);
    if (!der) {
      if (der.error().code == card::ErrorCode::CardRemoved) {
        return tl::unexpected(der.error());
      }
      continue;
    }
    if (auto certificate = trust::Certificate::read(*der)) {
      out["certificates"][name] = describeCertificate(*certificate, messageCode, output);
      certificates.push_back(std::move(*certificate));
    }
  }
  if (certificates.empty()) {
    output.indented("client.status-no-certificates");
  }
  describePin(**application, output, out);
  return out;
}

json describeReader(card::ReaderService& readers, const card::ReaderState& state,
                    const Settings& settings, const StatusOptions& options, const Output& output,
                    bool& found) {
  json out = {{"reader", state.name}, {"cardPresent", state.cardPresent}};
  output.say("client.status-reader", {{"reader", state.name}});
  if (!state.cardPresent) {
    output.indented(card::messageCode(card::ErrorCode::NoCard));
    return out;
  }
  std::vector<trust::Certificate> certificates;
  const auto card = card::openCard(readers, state.name);
  const auto described = card ? describeCard(**card, output, certificates)
                              : card::Result<json>(tl::unexpected(card.error()));
  if (!described) {
    output.indented(card::messageCode(described.error().code),
                    triesParameter(described.error().triesLeft));
    out["error"] = card::messageCode(described.error().code);
    return out;
  }
  found = true;
  out["card"] = *described;
  if (!certificates.empty()) {
    const std::string activation = activationOf(certificates.front(), settings, options, output);
    out["card"]["activation"] = activation;
    output.indented("client.status-" + activation);
  }
  return out;
}

}  // namespace

int runStatus(card::ReaderService& readers, const Settings& settings, const StatusOptions& options,
              const Output& output) {
  const auto states = readers.readers();
  if (!states) {
    return output.fail(states.error());
  }
  json list = json::array();
  bool found = false;
  for (const card::ReaderState& state : *states) {
    if (state.name.find(settings.reader) != std::string::npos) {
      list.push_back(describeReader(readers, state, settings, options, output, found));
    }
  }
  if (list.empty()) {
    return output.fail(card::Error{.code = card::ErrorCode::NoReader});
  }
  output.result({{"readers", list}});
  return found ? Done : NothingToWorkOn;
}

}  // namespace fncard::activation_client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/store/types.h"

/// The text of each state, as it is stored and sent.
namespace fncard::server::store {

template <typename State>
struct Names;

template <>
struct Names<OrderState> {
  static constexpr std::array kAll = {
      std::pair{OrderState::AwaitingRegistry, std::string_view("awaiting-registry")},
      std::pair{OrderState::Applied, std::string_view("applied")},
      std::pair{OrderState::Paid, std::string_view("paid")},
      std::pair{OrderState::InProduction, std::string_view("in-production")},
      std::pair{OrderState::Checked, std::string_view("checked")},
      std::pair{OrderState::Mailed, std::string_view("mailed")},
      std::pair{OrderState::Activated, std::string_view("activated")},
      std::pair{OrderState::Suspended, std::string_view("suspended")},
      std::pair{OrderState::Revoked, std::string_view("revoked")},
      std::pair{OrderState::Expired, std::string_view("expired")},
      std::pair{OrderState::Purged, std::string_view("purged")},
      std::pair{OrderState::Refused, std::string_view("refused")},
  };
};
template <>
struct Names<PaymentState> {
  static constexpr std::array kAll = {
      std::pair{PaymentState::Open, std::string_view("open")},
      std::pair{PaymentState::Notified, std::string_view("notified")},
      std::pair{PaymentState::Paid, std::string_view("paid")},
      std::pair{PaymentState::Refund, std::string_view("refund")},
  };
};
template <>
struct Names<JobState> {
  static constexpr std::array kAll = {
      std::pair{JobState::Open, std::string_view("open")},
      std::pair{JobState::Claimed, std::string_view("claimed")},
      std::pair{JobState::Certified, std::string_view("certified")},
      std::pair{JobState::Checked, std::string_view("checked")},
      std::pair{JobState::Mailed, std::string_view("mailed")},
      std::pair{JobState::Spoiled, std::string_view("spoiled")},
  };
};
template <>
struct Names<RevocationReason> {
  static constexpr std::array kAll = {
      std::pair{RevocationReason::Lost, std::string_view("lost")},
      std::pair{RevocationReason::DataChanged, std::string_view("data-changed")},
      std::pair{RevocationReason::NoLongerNeeded, std::string_view("no-longer-needed")},
      std::pair{RevocationReason::PermitWithdrawn, std::string_view("permit-withdrawn")},
  };
};
template <>
struct Names<CertificateUse> {
  static constexpr std::array kAll = {
      std::pair{CertificateUse::Signature, std::string_view("signature")},
      std::pair{CertificateUse::KeyManagement, std::string_view("keyManagement")},
      std::pair{CertificateUse::CardAuthentication, std::string_view("cardAuthentication")},
  };
};
template <>
struct Names<CertificateStatus> {
  static constexpr std::array kAll = {
      std::pair{CertificateStatus::Good, std::string_view("good")},
      std::pair{CertificateStatus::OnHold, std::string_view("on-hold")},
      std::pair{CertificateStatus::Revoked, std::string_view("revoked")},
  };
};
template <>
struct Names<ActivationState> {
  static constexpr std::array kAll = {
      std::pair{ActivationState::Begun, std::string_view("begun")},
      std::pair{ActivationState::Released, std::string_view("released")},
      std::pair{ActivationState::Active, std::string_view("active")},
      std::pair{ActivationState::Refused, std::string_view("refused")},
  };
};

template <>
struct Names<UnblockingState> {
  static constexpr std::array kAll = {
      std::pair{UnblockingState::Begun, std::string_view("begun")},
      std::pair{UnblockingState::Released, std::string_view("released")},
      std::pair{UnblockingState::Done, std::string_view("done")},
      std::pair{UnblockingState::Refused, std::string_view("refused")},
  };
};

template <typename State>
std::string_view nameOf(State state) {
  for (const auto& [value, text] : Names<State>::kAll) {
    if (value == state) {
      return text;
    }
  }
  return {};
}

template <typename State>
std::vector<std::string> namesOf() {
  std::vector<std::string> names;
  for (const auto& [value, text] : Names<State>::kAll) {
    names.emplace_back(text);
  }
  return names;
}

template <typename State>
std::optional<State> parse(std::string_view name) {
  for (const auto& [value, text] : Names<State>::kAll) {
    if (text == name) {
      return value;
    }
  }
  return std::nullopt;
}

/// Of a text in the database. Throws: only a damaged database has another one.
template <typename State>
State stateOf(std::string_view stored) {
  const std::optional<State> state = parse<State>(stored);
  if (!state) {
    throw std::runtime_error("the database has the state '" + std::string(stored) + "'");
  }
  return *state;
}

}  // namespace fncard::server::store

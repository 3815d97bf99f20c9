// SPDX-License-Identifier: Apache-2.0
#include "server/store/order_state.h"

#include <algorithm>
#include <utility>

namespace fncard::server::store {
namespace {

constexpr std::array kNames = {
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

}  // namespace

std::string_view name(OrderState state) {
  return std::ranges::find(kNames, state, &decltype(kNames)::value_type::first)->second;
}

std::optional<OrderState> parseOrderState(std::string_view text) {
  const auto* const found = std::ranges::find(kNames, text, &decltype(kNames)::value_type::second);
  return found == kNames.end() ? std::nullopt : std::optional(found->first);
}

bool allowed(OrderState from, OrderState to) {
  return std::ranges::any_of(kTransitions, [&](const Transition& transition) {
    return transition.from == from && transition.to == to;
  });
}

bool isOver(OrderState state) {
  return std::ranges::none_of(
      kTransitions, [&](const Transition& transition) { return transition.from == state; });
}

}  // namespace fncard::server::store

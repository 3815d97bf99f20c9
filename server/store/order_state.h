// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace fncard::server::store {

/// Where an order stands.
enum class OrderState {
  AwaitingRegistry,  ///< taken at the window, the immigration database has not answered yet
  Applied,
  Paid,
  InProduction,
  Checked,
  Mailed,
  Activated,
  Suspended,
  Revoked,
  Expired,
  Purged,  ///< not paid in time: the personal data is gone
  Refused
};

/// As in docs/api.md: "in-production".
std::string_view name(OrderState state);
std::optional<OrderState> parseOrderState(std::string_view name);

struct Transition {
  OrderState from;
  OrderState to;
};

/// Every way from one state to another; there is no other.
inline constexpr std::array kTransitions = {
    Transition{OrderState::AwaitingRegistry, OrderState::Applied},
    Transition{OrderState::AwaitingRegistry, OrderState::Refused},
    Transition{OrderState::Applied, OrderState::Paid},
    Transition{OrderState::Applied, OrderState::Purged},
    Transition{OrderState::Paid, OrderState::InProduction},
    Transition{OrderState::InProduction, OrderState::Checked},
    Transition{OrderState::InProduction, OrderState::Paid},  // the card was spoiled
    Transition{OrderState::Checked, OrderState::Mailed},
    Transition{OrderState::Checked, OrderState::Paid},  // the card was spoiled
    Transition{OrderState::Mailed, OrderState::Activated},
    Transition{OrderState::Mailed, OrderState::Revoked},
    Transition{OrderState::Mailed, OrderState::Expired},  // never activated
    Transition{OrderState::Activated, OrderState::Suspended},
    Transition{OrderState::Suspended, OrderState::Activated},
    Transition{OrderState::Activated, OrderState::Revoked},
    Transition{OrderState::Suspended, OrderState::Revoked},
    Transition{OrderState::Activated, OrderState::Expired},
    Transition{OrderState::Suspended, OrderState::Expired},
};

bool allowed(OrderState from, OrderState to);
/// No transition leads on from here: the permit number may apply again.
bool isOver(OrderState state);

}  // namespace fncard::server::store

// SPDX-License-Identifier: Apache-2.0
#include "server/store/order_state.h"

#include <algorithm>

#include "server/store/names.h"

namespace fncard::server::store {

std::string_view name(OrderState state) {
  return nameOf(state);
}

std::optional<OrderState> parseOrderState(std::string_view text) {
  return parse<OrderState>(text);
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

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "messages/messages.h"
#include "server/base/clock.h"
#include "server/store/types.h"

namespace fncard::server::pages {

/// The steps of an order from the application to the active card, for templates/order.html: what is
/// done with its time, where the order stands, and what is to come. A card that was spoiled is made
/// again: only what is true of the order now counts as done.
nlohmann::json progressOf(messages::Language language, const store::Order& order,
                          const std::vector<store::OrderEvent>& events);

/// "2026-01-31 20:00", the hour in Taipei; and the machine's form of the same.
nlohmann::json timeValues(Time time);
/// "2026-01-31", the day in Taipei.
std::string dayOf(Time time);
/// When the order last got to a state; the epoch when it never did.
Time timeOf(const std::vector<store::OrderEvent>& events, store::OrderState state);

}  // namespace fncard::server::pages

// SPDX-License-Identifier: Apache-2.0
#include "server/pages/progress.h"

#include <array>

#include "server/base/time.h"

namespace fncard::server::pages {
namespace {

using store::OrderState;

constexpr std::array kSteps = {OrderState::Applied, OrderState::Paid,   OrderState::InProduction,
                               OrderState::Checked, OrderState::Mailed, OrderState::Activated};

/// How many steps are behind or under the order; none while nothing is decided, or all is over.
std::size_t stepsDone(OrderState state, const std::vector<store::OrderEvent>& events) {
  for (std::size_t i = 0; i < kSteps.size(); ++i) {
    if (kSteps.at(i) == state) {
      return i + 1;
    }
  }
  const bool hadCard = state == OrderState::Suspended || state == OrderState::Revoked ||
                       state == OrderState::Expired;
  if (!hadCard) {
    return 0;
  }
  const bool wasActivated = timeOf(events, OrderState::Activated) != Time{};
  return wasActivated ? kSteps.size() : kSteps.size() - 1;
}

}  // namespace

nlohmann::json timeValues(Time time) {
  const std::string text = taipeiText(time);  // "2026/01/31 20:00:00"
  constexpr std::size_t kHour = 11;
  constexpr std::size_t kHourSize = 5;
  return {{"machine", utcText(time)}, {"text", dayOf(time) + " " + text.substr(kHour, kHourSize)}};
}

std::string dayOf(Time time) {
  return dateText(taipeiDate(time));
}

Time timeOf(const std::vector<store::OrderEvent>& events, OrderState state) {
  Time time{};
  for (const store::OrderEvent& event : events) {
    if (event.to == store::name(state)) {
      time = event.at;
    }
  }
  return time;
}

nlohmann::json progressOf(messages::Language language, const store::Order& order,
                          const std::vector<store::OrderEvent>& events) {
  const std::size_t done = stepsDone(order.state, events);
  nlohmann::json steps = nlohmann::json::array();
  for (std::size_t i = 0; i < kSteps.size(); ++i) {
    const std::string code = "pages.step-" + std::string(store::name(kSteps.at(i)));
    const Time at = timeOf(events, kSteps.at(i));
    const bool isDone = i < done;
    steps.push_back({{"name", messages::text(language, code)},
                     {"done", isDone},
                     {"current", i + 1 == done && !isOver(order.state)},
                     {"time", isDone && at != Time{} ? timeValues(at) : nlohmann::json(false)}});
  }
  return steps;
}

}  // namespace fncard::server::pages

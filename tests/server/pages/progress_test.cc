// SPDX-License-Identifier: Apache-2.0
#include "server/pages/progress.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fncard::server::pages {
namespace {

using store::OrderState;

/// The last steps of an order that came to its end this way.
nlohmann::json stepsAfter(const std::vector<OrderState>& way) {
  store::Order order;
  std::vector<store::OrderEvent> events;
  Time at = Time{} + std::chrono::hours(1);
  for (const OrderState state : way) {
    order.state = state;
    events.push_back({.at = at, .actor = "system", .from = "", .to = std::string(name(state))});
    at += std::chrono::hours(1);
  }
  return progressOf(messages::Language::English, order, events);
}

std::size_t count(const nlohmann::json& steps, const char* mark) {
  return static_cast<std::size_t>(std::count_if(
      steps.begin(), steps.end(), [&](const nlohmann::json& step) { return step[mark] == true; }));
}

const std::vector<OrderState> kMailed = {OrderState::Applied, OrderState::Paid,
                                         OrderState::InProduction, OrderState::Checked,
                                         OrderState::Mailed};

std::vector<OrderState> afterMailed(const std::vector<OrderState>& more) {
  std::vector<OrderState> way = kMailed;
  way.insert(way.end(), more.begin(), more.end());
  return way;
}

TEST(Progress, ACardThatWasNeverActivatedIsNotShownAsActivated) {
  for (const OrderState end : {OrderState::Revoked, OrderState::Expired}) {
    const auto steps = stepsAfter(afterMailed({end}));
    EXPECT_EQ(steps.back()["done"], false) << name(end);
    EXPECT_EQ(count(steps, "done"), 5U) << name(end);
  }
}

TEST(Progress, ACardThatWasActivatedStaysSo) {
  for (const OrderState end : {OrderState::Suspended, OrderState::Revoked, OrderState::Expired}) {
    const auto steps = stepsAfter(afterMailed({OrderState::Activated, end}));
    EXPECT_EQ(steps.back()["done"], true) << name(end);
  }
}

TEST(Progress, AnOrderThatIsOverStandsNowhere) {
  EXPECT_EQ(count(stepsAfter(kMailed), "current"), 1U);
  EXPECT_EQ(count(stepsAfter(afterMailed({OrderState::Revoked})), "current"), 0U);
  EXPECT_EQ(count(stepsAfter({OrderState::Applied, OrderState::Purged}), "done"), 0U);
}

}  // namespace
}  // namespace fncard::server::pages

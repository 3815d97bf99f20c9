// SPDX-License-Identifier: Apache-2.0
#include "server/store/order_state.h"

#include <gtest/gtest.h>

namespace fncard::server::store {
namespace {

TEST(OrderState, NamesAndStatesAreOneToOne) {
  for (const Transition& transition : kTransitions) {
    EXPECT_EQ(parseOrderState(name(transition.from)), transition.from);
    EXPECT_EQ(parseOrderState(name(transition.to)), transition.to);
  }
  EXPECT_EQ(parseOrderState("nothing"), std::nullopt);
}

TEST(OrderState, WhatIsOverStaysOver) {
  for (const OrderState over :
       {OrderState::Purged, OrderState::Refused, OrderState::Revoked, OrderState::Expired}) {
    EXPECT_TRUE(isOver(over));
    EXPECT_FALSE(allowed(over, OrderState::Applied));
  }
  EXPECT_FALSE(isOver(OrderState::Suspended));
}

TEST(OrderState, NoStepIsSkipped) {
  EXPECT_FALSE(allowed(OrderState::Applied, OrderState::InProduction));
  EXPECT_FALSE(allowed(OrderState::Paid, OrderState::Mailed));
  EXPECT_FALSE(allowed(OrderState::Checked, OrderState::Activated));
  EXPECT_FALSE(allowed(OrderState::Paid, OrderState::Purged));
  EXPECT_FALSE(allowed(OrderState::Mailed, OrderState::Paid));
  EXPECT_FALSE(allowed(OrderState::Paid, OrderState::Expired));
}

}  // namespace
}  // namespace fncard::server::store

// SPDX-License-Identifier: Apache-2.0
#include "agent/core/pin_desk.h"

#include <gmock/gmock.h>

#include <QTest>

#include "tests/agent/fake_windows.h"

namespace fncard::agent {
namespace {

using namespace std::chrono_literals;
using agent_link::Error;
using testing::ElementsAre;

class APinDesk : public testing::Test {
 protected:
  std::optional<PinDesk::Ticket> ask(const std::string& program) {
    return desk.ask({.request = {.program = program}}, [this, program](const PinAnswer& answer) {
      answers.push_back(program + (answer ? " PIN" : " none"));
    });
  }

  FakeWindows windows;
  PinDesk desk{windows.show(), 1h};
  std::vector<std::string> answers;
};

TEST_F(APinDesk, ShowsOneWindowAtATimeInTheOrderOfAsking) {
  ask("a");
  ask("b");
  EXPECT_EQ(windows.open(), 1U);
  windows.answer(consentOf("123457"));
  EXPECT_EQ(windows.open(), 1U);
  windows.answer(tl::unexpected(Error::Cancelled));
  EXPECT_EQ(windows.open(), 0U);
  EXPECT_THAT(windows.shown(), ElementsAre("a", "b"));
  EXPECT_THAT(answers, ElementsAre("a PIN", "b none"));
}

TEST_F(APinDesk, TurnsAwayWhoComesWhenThreeWait) {
  for (const char* program : {"a", "b", "c", "d"}) {
    EXPECT_TRUE(ask(program)) << program;
  }
  EXPECT_FALSE(ask("e"));
  windows.answer(tl::unexpected(Error::Cancelled));
  EXPECT_TRUE(ask("f")) << "there is a place again";
  EXPECT_THAT(answers, ElementsAre("a none"));
}

TEST_F(APinDesk, ClosesTheWindowOfWhoWentAwayAndGoesOn) {
  const auto ticket = ask("a");
  ask("b");
  desk.withdraw(*ticket);
  EXPECT_EQ(windows.open(), 1U);
  EXPECT_THAT(windows.shown(), ElementsAre("a", "b"));
  EXPECT_TRUE(answers.empty());
}

TEST_F(APinDesk, NeverShowsWhatWasWithdrawnWhileItWaited) {
  ask("a");
  const auto ticket = ask("b");
  desk.withdraw(*ticket);
  desk.withdraw(*ticket);
  windows.answer(tl::unexpected(Error::Cancelled));
  EXPECT_THAT(windows.shown(), ElementsAre("a"));
}

TEST_F(APinDesk, GivesAPinToNobodyButWhoseWindowItWasTypedIn) {
  const auto ticket = ask("a");
  const AnswerHandler late = windows.handler();
  desk.withdraw(*ticket);
  ask("b");
  late(consentOf("123457"));
  EXPECT_TRUE(answers.empty());
  EXPECT_EQ(windows.open(), 1U);
}

TEST_F(APinDesk, MayBeAskedAgainFromInsideAnAnswer) {
  desk.ask({.request = {.program = "a"}}, [this](const PinAnswer&) { ask("again"); });
  windows.answer(tl::unexpected(Error::Cancelled));
  EXPECT_THAT(windows.shown(), ElementsAre("a", "again"));
  EXPECT_EQ(windows.open(), 1U);
}

TEST(APinDeskWithALimit, ClosesAWindowThatNobodyAnswers) {
  FakeWindows windows;
  PinDesk desk(windows.show(), 1ms);
  std::optional<Error> error;
  desk.ask({}, [&](const PinAnswer& answer) { error = answer.error(); });
  EXPECT_TRUE(QTest::qWaitFor([&] { return error.has_value(); }, 30'000));
  EXPECT_EQ(error, Error::TimedOut);
  EXPECT_EQ(windows.open(), 0U);
}

}  // namespace
}  // namespace fncard::agent

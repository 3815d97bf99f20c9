// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "agent-link/listener.h"
#include "agent-link/pin_request.h"

namespace fncard::test {

/// An agent whose person is a function: at FNCARD_AGENT_SOCKET, in a thread of its own, for as long
/// as it lives.
class FakeAgent {
 public:
  /// Does not answer, until whoever asked goes away.
  struct Thinks {};
  /// Goes away without a word.
  struct Dies {};
  using Answer = std::variant<std::string, agent_link::Error, Thinks, Dies>;
  using Person = std::function<Answer(const agent_link::PinRequest& question)>;

  explicit FakeAgent(Person person);
  ~FakeAgent();
  FakeAgent(const FakeAgent&) = delete;
  FakeAgent& operator=(const FakeAgent&) = delete;

  /// Returns when so many questions have come.
  void untilAsked(std::size_t times);
  /// Returns when whoever asked has gone away without an answer.
  void untilGivenUp();
  std::vector<agent_link::PinRequest> questions();

 private:
  void listen();
  void serve(agent_link::Connection connection);
  /// False when this ends first.
  bool untilReadable(int descriptor);

  const Person person_;
  std::string folder_;
  std::optional<agent_link::Listener> listener_;
  agent_link::Descriptor stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<agent_link::PinRequest> questions_;  // guarded by mutex_
  bool givenUp_ = false;                           // guarded by mutex_
  std::thread thread_;
};

}  // namespace fncard::test

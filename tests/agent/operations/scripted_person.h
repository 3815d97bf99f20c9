// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "agent/operations/person.h"
#include "tests/card/support/memory_card.h"

namespace fncard::agent::operations {

/// A person whose answers are known before; the last one is given again and again.
class ScriptedPerson : public Person {
 public:
  using Reply = std::function<Result<Consent>()>;

  explicit ScriptedPerson(std::vector<Reply> replies) : replies_(std::move(replies)) {}

  Result<Consent> ask(const Question& question, const std::stop_token& /*stop*/) override {
    asked.push_back(question);
    const std::size_t number = std::min(asked.size(), replies_.size()) - 1;
    return replies_.at(number)();
  }

  static Reply types(const std::string& pin) {
    return [pin] { return Consent{.pin = card::testing::makePin(pin)}; };
  }
  static Reply goesOn() {
    return [] { return Consent{}; };
  }
  static Reply cancels() {
    return [] { return tl::unexpected(Refusal::Cancelled); };
  }

  std::vector<Question> asked;

 private:
  std::vector<Reply> replies_;
};

}  // namespace fncard::agent::operations

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/pin_question.h"

namespace fncard::agent {

inline card::Pin pinOf(std::string digits) {
  return card::Pin::take(std::span<char>(digits)).value();
}

inline operations::Consent consentOf(std::string digits) {
  return {.pin = pinOf(std::move(digits))};
}

/// The windows that are open, and the person in front of them. Outlives what shows windows with it.
class FakeWindows {
 public:
  ShowPinWindow show() {
    return [this](const PinQuestion& question, AnswerHandler answer) {
      auto window = std::make_unique<Window>(*this);
      open_.push_back({window.get(), question, std::move(answer)});
      shown_.push_back(question.request.program);
      return window;
    };
  }

  [[nodiscard]] std::size_t open() const { return open_.size(); }
  /// The programs for which a window was ever opened, in order.
  [[nodiscard]] const std::vector<std::string>& shown() const { return shown_; }
  [[nodiscard]] const PinQuestion& question() const { return open_.at(0).question; }
  /// What the open window calls when the person answers.
  [[nodiscard]] AnswerHandler handler() const { return open_.at(0).answer; }
  void answer(PinAnswer given) const { handler()(std::move(given)); }

 private:
  class Window : public PinWindow {
   public:
    explicit Window(FakeWindows& all) : all_(all) {}
    ~Window() override {
      std::erase_if(all_.open_, [this](const Open& open) { return open.window == this; });
    }
    Window(const Window&) = delete;
    Window& operator=(const Window&) = delete;

   private:
    FakeWindows& all_;
  };
  struct Open {
    Window* window;
    PinQuestion question;
    AnswerHandler answer;
  };
  std::vector<Open> open_;
  std::vector<std::string> shown_;
};

}  // namespace fncard::agent

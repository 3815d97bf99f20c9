// SPDX-License-Identifier: Apache-2.0
#include "activation-client/cli/pin_dialogue.h"

#include <utility>

#include "activation-client/step.h"

namespace fncard::activation_client {
namespace {

using card::activation::Step;

constexpr int kAttempts = 3;

card::Result<card::Pin> toPin(card::Result<card::SecretBytes> typed) {
  if (!typed) {
    return tl::unexpected(typed.error());
  }
  const auto bytes = typed->bytes();
  return card::Pin::take(std::span<char>(reinterpret_cast<char*>(bytes.data()), bytes.size()));
}

tl::unexpected<card::Error> cancelled() {
  return card::failed(card::ErrorCode::Cancelled, "the PIN was refused");
}

}  // namespace

void PinDialogue::progress(Step step) {
  if (const auto code = messageCode(step); !code.empty()) {
    output_.say(code);
  }
}

std::string PinDialogue::weakness(const card::Pin& pin, const std::string& birthDate,
                                  const card::Pin* current) {
  if (current != nullptr && pin == *current) {
    return "client.pin-unchanged";
  }
  return std::string(card::messageCode(card::weaknessOf(pin, birthDate)));
}

card::Result<card::Pin> PinDialogue::typedTwice() {
  auto first = toPin(prompt_.secret(output_.sentence("client.ask-new-pin")));
  if (!first) {
    return first;
  }
  const auto second = toPin(prompt_.secret(output_.sentence("client.ask-new-pin-again")));
  if (!second && second.error().code == card::ErrorCode::Cancelled) {
    return tl::unexpected(second.error());
  }
  if (!second || !(*first == *second)) {
    refusal_ = "client.pin-mismatch";
    return cancelled();
  }
  return first;
}

card::Result<card::Pin> PinDialogue::choosePin(const std::string& birthDate,
                                               const card::Pin* current) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    refusal_.clear();
    auto pin = read_ ? card::Result<card::Pin>(std::move(*read_)) : typedTwice();
    read_.reset();
    if (pin) {
      refusal_ = weakness(*pin, birthDate, current);
      if (refusal_.empty()) {
        return pin;
      }
    } else if (pin.error().code == card::ErrorCode::PinFormat) {
      refusal_ = card::messageCode(pin.error().code);
    } else if (refusal_.empty()) {
      return pin;  // the person or the input ended
    }
    if (!prompt_.interactive()) {
      break;
    }
    prompt_.tell(output_.sentence(refusal_) + "\n");
  }
  return cancelled();
}

card::Result<card::Pin> PinDialogue::newPin(const std::string& birthDate) {
  return choosePin(birthDate, nullptr);
}

card::Result<card::Pin> PinDialogue::currentPin(std::string_view questionCode) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto pin = toPin(prompt_.secret(output_.sentence(questionCode)));
    if (pin || pin.error().code != card::ErrorCode::PinFormat || !prompt_.interactive()) {
      return pin;
    }
    prompt_.tell(output_.sentence(card::messageCode(card::ErrorCode::PinFormat)) + "\n");
  }
  return card::failed(card::ErrorCode::PinFormat, "not 6 to 8 digits");
}

card::Result<card::Pin> PinDialogue::pinSetBefore() {
  if (prompt_.interactive()) {
    auto typed = prompt_.secret(output_.sentence("client.ask-pin-set-before"));
    if (typed && typed->empty()) {
      return card::failed(card::ErrorCode::ObjectNotFound, "no PIN had been chosen");
    }
    return toPin(std::move(typed));
  }
  auto pin = typedTwice();
  if (pin) {
    read_ = pin->clone();
  }
  return pin;
}

}  // namespace fncard::activation_client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "activation-client/cli/output.h"
#include "activation-client/cli/prompt.h"
#include "card/activation/activation.h"

namespace fncard::activation_client {

/// Asks for PINs and refuses weak ones with the reason. At a terminal the person may try again;
/// with lines from standard input the first refusal ends it.
class PinDialogue final : public card::activation::Person {
 public:
  PinDialogue(Prompt& prompt, const Output& output) : prompt_(prompt), output_(output) {}

  void progress(card::activation::Step step) override;
  card::Result<card::Pin> newPin(const std::string& birthDate) override;
  card::Result<card::Pin> pinSetBefore() override;

  /// The PIN that the card has now. questionCode: what is asked.
  card::Result<card::Pin> currentPin(std::string_view questionCode);
  /// A new PIN, typed twice, that is not the same as current when that is given.
  card::Result<card::Pin> choosePin(const std::string& birthDate, const card::Pin* current);

  /// Why the last PIN was refused, as a message code; empty when none was.
  [[nodiscard]] const std::string& refusal() const { return refusal_; }

 private:
  card::Result<card::Pin> typedTwice();
  /// A message code, or empty for a PIN that may be used.
  static std::string weakness(const card::Pin& pin, const std::string& birthDate,
                              const card::Pin* current);

  Prompt& prompt_;
  const Output& output_;
  std::string refusal_;
  // Lines from standard input come once: what pinSetBefore() read, newPin() may need again.
  std::optional<card::Pin> read_;
};

}  // namespace fncard::activation_client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/card/support/function_readers.h"

namespace fncard::card::testing {

/// One exchange: hexadecimal with blanks as one likes. command "*" is any command; answer holds the
/// status word, or is empty for a card that does not answer.
struct Exchange {
  std::string command;
  std::string answer;
};

/// A card that knows its lines: each command must be the next one of the script, or the test fails.
/// Copies share the script; use it as the card of FunctionReaders.
class Script {
 public:
  explicit Script(std::vector<Exchange> exchanges);
  Result<wire::ResponseApdu> operator()(ByteView command);

  void append(std::vector<Exchange> exchanges);
  [[nodiscard]] bool finished() const;

 private:
  struct State {
    std::vector<Exchange> exchanges;
    std::size_t next = 0;
  };
  std::shared_ptr<State> state_;
};

/// SELECT and GET DATA of a CHUID with this project's card number AB12345678901234, as a card with
/// short answers gives them.
std::vector<Exchange> openingLines();

/// Hexadecimal with blanks; the test fails on anything else.
Bytes hex(const std::string& text);

}  // namespace fncard::card::testing

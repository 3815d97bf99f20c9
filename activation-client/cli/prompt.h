// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "card/error.h"
#include "card/pin.h"

namespace fncard::activation_client {

/// Where the person types: the terminal, secrets without echo; or standard input when that is no
/// terminal, one line each, for helpers and scripts.
class Prompt {
 public:
  Prompt();
  ~Prompt();
  Prompt(const Prompt&) = delete;
  Prompt& operator=(const Prompt&) = delete;

  [[nodiscard]] bool interactive() const { return interactive_; }

  /// One line without echo, at most 128 bytes. Cancelled at the end of the input.
  card::Result<card::SecretBytes> secret(const std::string& question);
  /// One line with echo.
  card::Result<std::string> line(const std::string& question);
  /// Writes to the terminal; silent without one.
  void tell(const std::string& text) const;

 private:
  [[nodiscard]] card::Result<card::SecretBytes> readLine() const;

  bool interactive_;
  int input_;
  int output_;
};

}  // namespace fncard::activation_client

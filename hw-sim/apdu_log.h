// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <string>

#include "card/wire/bytes.h"

namespace fncard::hw_sim {

/// Writes one line an exchange, `> 00A40400… < 61… 9000`, and lines that begin with `#` for power
/// and removal. Bytes that are or may be a secret are written as `**`: references and keys going
/// in, the plain text of a decipherment coming out.
class ApduLog {
 public:
  ApduLog() = default;
  ApduLog(const ApduLog&) = delete;
  ApduLog& operator=(const ApduLog&) = delete;
  ~ApduLog();

  /// Appends to a file of mode 0600. Without open() nothing is written.
  bool open(const std::string& path);

  /// intact: the response is as the card gave it, so that its last two bytes are a status word.
  void exchange(ByteView command, ByteView response, bool intact = true);
  /// The card did the command, or never saw it, and no answer came back.
  void unanswered(ByteView command);
  void event(const std::string& text);

 private:
  std::string maskedCommand(ByteView command);
  std::string maskedResponse(ByteView command, ByteView response, bool intact);
  void line(const std::string& text);

  std::FILE* file_ = nullptr;
  bool secretPending_ = false;  ///< GET RESPONSE would fetch more of a secret
};

}  // namespace fncard::hw_sim

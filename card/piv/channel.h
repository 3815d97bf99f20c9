// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "card/reader.h"

namespace fncard::card::piv {

/// Commands of any length over one transaction. Extended length is tried once a reader; where it
/// fails, command chaining (ISO/IEC 7816-4 §5.1.1) and GET RESPONSE take its place, and the reader
/// is remembered for as long as the process lives. Command bytes are wiped after use.
class Channel {
 public:
  Channel(Transaction& transaction, std::string readerName)
      : transaction_(transaction), readerName_(std::move(readerName)) {}

  /// The whole answer, at most 64 KiB (Malformed above it), with the last status word. A card that
  /// stops answering is CardRemoved: only opening anew tells what became of it.
  Result<wire::ResponseApdu> send(const wire::CommandApdu& command);

 private:
  Result<wire::ResponseApdu> sendAnyLength(const wire::CommandApdu& command);
  Result<wire::ResponseApdu> sendShort(const wire::CommandApdu& command);
  Result<wire::ResponseApdu> exchange(const wire::CommandApdu& command);
  Result<wire::ResponseApdu> collect(wire::ResponseApdu response);

  Transaction& transaction_;
  std::string readerName_;
};

}  // namespace fncard::card::piv

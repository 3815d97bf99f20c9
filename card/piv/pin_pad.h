// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/reader.h"

/// The PIV PIN on a reader's own keypad (PC/SC part 10, SP 800-73-4 part 2 §3.2.1 and §3.2.2).
namespace fncard::card::piv {

/// How long the pad waits for the person, in seconds.
inline constexpr std::uint8_t kPinEntrySeconds = 60;

/// PIN_VERIFY_STRUCTURE (part 10 §2.5.2) with VERIFY for reference 80: 6 to 8 ASCII digits, left,
/// in a block of eight bytes padded with FF. No PIN is in it: the reader puts it in.
Bytes pinVerifyStructure(const PinPad& pad);
/// PIN_MODIFY_STRUCTURE (part 10 §2.5.4) with CHANGE REFERENCE DATA: the current PIN, the new one
/// twice.
Bytes pinModifyStructure(const PinPad& pad);

/// The reader's own status words (part 10 §2.5.2: 6400, 6401, 6402, 6403, 6B80) or the card's.
Result<void> padResult(const Result<wire::ResponseApdu>& answer, std::string_view what);

}  // namespace fncard::card::piv

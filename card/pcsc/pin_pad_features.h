// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "card/reader.h"

/// What a reader says of its PIN pad (PC/SC part 10). The bytes come from a driver: bounded
/// parsing.
namespace fncard::card::pcsc {

/// Control codes for SCardControl, of the features that are used here.
struct PadFeatures {
  std::optional<std::uint32_t> verifyPinDirect;  ///< tag 06
  std::optional<std::uint32_t> modifyPinDirect;  ///< tag 07
  std::optional<std::uint32_t> pinProperties;    ///< tag 0A
  std::optional<std::uint32_t> tlvProperties;    ///< tag 12
};

/// The answer to CM_IOCTL_GET_FEATURE_REQUEST (part 10 §2.2): tag, length 4, control code, big
/// endian. Nothing when one entry is truncated, has another length or comes twice: such a reader
/// is taken for one without a pad.
std::optional<PadFeatures> parseFeatures(ByteView answer);

/// Adds what the answer to FEATURE_IFD_PIN_PROPERTIES says (PIN_PROPERTIES_STRUCTURE, §2.5.1); one
/// of another size says nothing.
void applyPinProperties(ByteView answer, PinPad& pad);

/// Adds what the answer to FEATURE_GET_TLV_PROPERTIES says (§2.6.14): tag, length, value, little
/// endian. Reading ends at the first malformed entry.
void applyTlvProperties(ByteView answer, PinPad& pad);

}  // namespace fncard::card::pcsc

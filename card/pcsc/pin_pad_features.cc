// SPDX-License-Identifier: Apache-2.0
#include "card/pcsc/pin_pad_features.h"

#include <reader.h>

#include <algorithm>

namespace fncard::card::pcsc {
namespace {

constexpr std::size_t kCodeSize = 4;
constexpr std::size_t kPinPropertiesSize = 4;

struct Entry {
  std::uint8_t tag;
  ByteView value;
};

/// Takes tag, length and value off the front of rest; nothing when they are truncated.
std::optional<Entry> takeEntry(ByteView& rest) {
  if (rest.size() < 2 || rest.size() - 2 < rest[1]) {
    return std::nullopt;
  }
  const Entry entry{rest[0], rest.subspan(2, rest[1])};
  rest = rest.subspan(2 + entry.value.size());
  return entry;
}

std::uint32_t bigEndian(ByteView bytes) {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes) {
    value = value << 8U | byte;
  }
  return value;
}

bool isNotZero(ByteView bytes) {
  return std::any_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte != 0; });
}

std::optional<std::uint32_t>* fieldOf(PadFeatures& features, std::uint8_t tag) {
  switch (tag) {
    case FEATURE_VERIFY_PIN_DIRECT:
      return &features.verifyPinDirect;
    case FEATURE_MODIFY_PIN_DIRECT:
      return &features.modifyPinDirect;
    case FEATURE_IFD_PIN_PROPERTIES:
      return &features.pinProperties;
    case FEATURE_GET_TLV_PROPERTIES:
      return &features.tlvProperties;
    default:
      return nullptr;
  }
}

}  // namespace

std::optional<PadFeatures> parseFeatures(ByteView answer) {
  PadFeatures features;
  while (!answer.empty()) {
    const auto entry = takeEntry(answer);
    if (!entry || entry->value.size() != kCodeSize) {
      return std::nullopt;
    }
    if (auto* field = fieldOf(features, entry->tag)) {
      if (*field) {
        return std::nullopt;
      }
      *field = bigEndian(entry->value);
    }
  }
  return features;
}

void applyPinProperties(ByteView answer, PinPad& pad) {
  if (answer.size() == kPinPropertiesSize) {
    pad.hasDisplay = isNotZero(answer.first(2));  // wLcdLayout
  }
}

void applyTlvProperties(ByteView answer, PinPad& pad) {
  while (const auto entry = takeEntry(answer)) {
    if (entry->tag == PCSCv2_PART10_PROPERTY_wLcdLayout && entry->value.size() == 2) {
      pad.hasDisplay = isNotZero(entry->value);
    } else if (entry->tag == PCSCv2_PART10_PROPERTY_bMaxPINSize && entry->value.size() == 1 &&
               entry->value[0] != 0) {
      pad.maxDigits = entry->value[0];
    }
  }
}

}  // namespace fncard::card::pcsc

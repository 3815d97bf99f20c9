// SPDX-License-Identifier: Apache-2.0
// CHUID, Printed Information and CCC: SP 800-73-4 part 1, tables 8, 9 and 14.
#include <algorithm>
#include <array>
#include <string_view>

#include "card/piv/administration.h"
#include "card/piv/fascn.h"

namespace fncard::card::piv {
namespace {

constexpr std::uint32_t kFascnTag = 0x30;
constexpr std::uint32_t kGuidTag = 0x34;
constexpr std::uint32_t kChuidExpiryTag = 0x35;
constexpr std::uint32_t kIssuerSignatureTag = 0x3E;
constexpr std::uint32_t kErrorDetectionTag = 0xFE;

constexpr std::uint32_t kNameTag = 0x01;
constexpr std::uint32_t kPrintedExpiryTag = 0x04;
constexpr std::uint32_t kCardNumberTag = 0x05;
constexpr std::size_t kMaxName = 125;
constexpr std::size_t kMaxSerialNumber = 20;

constexpr std::array<std::string_view, 12> kMonths{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                   "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};

void appendText(Bytes& out, std::uint32_t tag, std::string_view text) {
  wire::appendTlv(out, tag, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::string_view asText(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool isDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

constexpr std::string_view kNoDate = "00000000";

/// "YYYYMMDD" to "YYYY-MM-DD"; empty for anything else, and for no date.
std::string dashed(std::string_view compact) {
  if (compact.size() != 8 || !isDigits(compact) || compact == kNoDate) {
    return {};
  }
  return std::string(compact.substr(0, 4)) + "-" + std::string(compact.substr(4, 2)) + "-" +
         std::string(compact.substr(6, 2));
}

std::string withoutDashes(std::string_view date) {
  std::string compact(date);
  std::erase(compact, '-');
  return compact.size() == 8 && isDigits(compact) ? compact : std::string(kNoDate);
}

/// "2031-11-30" to "2031NOV30".
std::string printedDate(std::string_view date) {
  const std::string compact = withoutDashes(date);
  const int month = std::stoi(compact.substr(4, 2));
  if (month < 1 || month > 12) {
    return {};
  }
  return compact.substr(0, 4) + std::string(kMonths[static_cast<std::size_t>(month - 1)]) +
         compact.substr(6, 2);
}

/// "2031NOV30" to "2031-11-30"; empty for anything else.
std::string dateFromPrinted(std::string_view text) {
  if (text.size() != 9 || !isDigits(text.substr(0, 4)) || !isDigits(text.substr(7))) {
    return {};
  }
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(4, 3));
  if (month == kMonths.end()) {
    return {};
  }
  const std::string number = std::to_string(month - kMonths.begin() + 1);
  return std::string(text.substr(0, 4)) + (number.size() == 1 ? "-0" : "-") + number + "-" +
         std::string(text.substr(7));
}

bool isContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// At most limit bytes, never ending inside a character.
std::string_view cutUtf8(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) {
    return text;
  }
  while (limit > 0 && isContinuation(text[limit])) {
    --limit;
  }
  return text.substr(0, limit);
}

/// Length of the well-formed UTF-8 character at the start of text (RFC 3629 §4), 0 for none.
std::size_t utf8Length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  std::size_t length = 0;
  if (first < 0x80) {
    length = 1;
  } else if (first >= 0xC2 && first < 0xF5) {
    length = first < 0xE0 ? 2 : (first < 0xF0 ? 3 : 4);
  }
  if (length == 0 || length > text.size()) {
    return 0;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if (!isContinuation(text[i])) {
      return 0;
    }
  }
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool surrogate = first == 0xED && byte(1) > 0x9F;
  const bool tooLarge = first == 0xF4 && byte(1) > 0x8F;
  return overlong || surrogate || tooLarge ? 0 : length;
}

/// Text that may be shown: well-formed UTF-8 without control characters.
bool isShowable(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8Length(text);
    const auto first = length == 0 ? 0U : static_cast<unsigned char>(text[0]);
    const bool c1Control = first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0;
    if (first < 0x20 || first == 0x7F || c1Control) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace

Bytes encodeChuid(const CardIdentity& identity) {
  Bytes content;
  wire::appendTlv(content, kFascnTag, encodeFascn(identity.cardNumber));
  wire::appendTlv(content, kGuidTag, identity.guid);
  appendText(content, kChuidExpiryTag, withoutDashes(identity.expiry));
  wire::appendTlv(content, kIssuerSignatureTag, {});
  wire::appendTlv(content, kErrorDetectionTag, {});
  return content;
}

Result<CardIdentity> parseChuid(ByteView content) {
  CardIdentity identity;
  const auto guid = wire::findTlv(content, kGuidTag);
  if (!guid || guid->size() != identity.guid.size()) {
    return failed(ErrorCode::Malformed, "CHUID without a GUID of 16 bytes");
  }
  std::copy(guid->begin(), guid->end(), identity.guid.begin());
  if (const auto fascn = wire::findTlv(content, kFascnTag)) {
    identity.cardNumber = cardNumberOf(*fascn).value_or("");
  }
  if (const auto expiry = wire::findTlv(content, kChuidExpiryTag)) {
    identity.expiry = dashed(asText(*expiry));
  }
  return identity;
}

Bytes encodePrintedInformation(const PrintedInformation& information) {
  Bytes content;
  appendText(content, kNameTag, cutUtf8(information.name, kMaxName));
  appendText(content, kPrintedExpiryTag, printedDate(information.expiry));
  appendText(content, kCardNumberTag, cutUtf8(information.cardNumber, kMaxSerialNumber));
  wire::appendTlv(content, kErrorDetectionTag, {});
  return content;
}

Result<PrintedInformation> parsePrintedInformation(ByteView content) {
  const auto textOf = [&](std::uint32_t tag) {
    const auto value = wire::findTlv(content, tag);
    return value ? asText(*value) : std::string_view();
  };
  const std::string_view name = textOf(kNameTag);
  const std::string_view cardNumber = textOf(kCardNumberTag);
  if (name.size() > kMaxName || cardNumber.size() > kMaxSerialNumber || !isShowable(name) ||
      !isShowable(cardNumber)) {
    return failed(ErrorCode::Malformed, "Printed Information with a text that cannot be shown");
  }
  return PrintedInformation{.name = std::string(name),
                            .expiry = dateFromPrinted(textOf(kPrintedExpiryTag)),
                            .cardNumber = std::string(cardNumber)};
}

Bytes encodeCcc(const CardIdentity& identity) {
  // GSC-RID, manufacturer and card type as other PIV cards have them, then a number of the card's
  // own
  Bytes cardIdentifier{0xA0, 0x00, 0x00, 0x01, 0x16, 0xFF, 0x02};
  constexpr std::size_t kOwnNumber = 14;
  cardIdentifier.insert(cardIdentifier.end(), identity.guid.begin(),
                        identity.guid.begin() + kOwnNumber);
  Bytes content;
  wire::appendTlv(content, 0xF0, cardIdentifier);
  for (const std::uint32_t tag :
       {0xF1U, 0xF2U, 0xF3U, 0xF4U, 0xF5U, 0xF6U, 0xF7U, 0xFAU, 0xFBU, 0xFCU, 0xFDU}) {
    wire::appendTlv(content, tag, {});
  }
  wire::appendTlv(content, kErrorDetectionTag, {});
  return content;
}

}  // namespace fncard::card::piv

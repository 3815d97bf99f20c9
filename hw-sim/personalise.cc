// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/personalise.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <vector>

#include "hw-sim/data_objects.h"
#include "hw-sim/piv_application.h"
#include "hw-sim/test_authority.h"

namespace fncard::hw_sim {
namespace {

using std::chrono::year_month_day;

constexpr std::size_t kFascnCharacters = 40;
constexpr int kValidityYears = 5;

// The five-bit alphabet's special characters, as four-bit values
constexpr std::uint8_t kStart = 0xB;
constexpr std::uint8_t kSeparator = 0xD;
constexpr std::uint8_t kEnd = 0xF;

constexpr std::uint32_t kChuid = 0x5FC102;
constexpr std::uint32_t kCcc = 0x5FC107;
constexpr std::uint32_t kPrintedInformation = 0x5FC109;
constexpr std::uint32_t kDiscovery = 0x7E;
constexpr std::uint32_t kKeyHistory = 0x5FC10C;
constexpr std::uint32_t kFirstRetiredCertificate = 0x5FC10D;
constexpr unsigned kMaxRetiredKeys = 20;

struct SlotPlan {
  std::uint8_t reference;
  CertificateUse use;
  std::uint32_t object;
};
constexpr std::array<SlotPlan, 3> kSlots = {{
    {piv::kSignatureKey, CertificateUse::Signature, 0x5FC10A},
    {piv::kKeyManagementKey, CertificateUse::KeyManagement, 0x5FC10B},
    {piv::kCardAuthenticationKey, CertificateUse::CardAuthentication, 0x5FC101},
}};

ByteView viewOf(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

year_month_day expiryDate() {
  const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  year_month_day date(today);
  date += std::chrono::years(kValidityYears);
  return date.ok() ? date : date.year() / std::chrono::February / std::chrono::last;
}

std::string padded(unsigned value, std::size_t width) {
  std::string digits = std::to_string(value);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

std::string yearOf(year_month_day date) {
  return padded(static_cast<unsigned>(static_cast<int>(date.year())), 4);
}

Bytes chuidOf(ByteView fascn, year_month_day expiry) {
  Bytes guid = randomBytes(16);
  guid[6] = static_cast<std::uint8_t>((guid[6] & 0x0FU) | 0x40U);  // RFC 4122 version 4
  guid[8] = static_cast<std::uint8_t>((guid[8] & 0x3FU) | 0x80U);
  Bytes out;
  wire::appendTlv(out, 0x30, fascn);
  wire::appendTlv(out, 0x34, guid);
  wire::appendTlv(out, 0x35,
                  viewOf(yearOf(expiry) + padded(static_cast<unsigned>(expiry.month()), 2) +
                         padded(static_cast<unsigned>(expiry.day()), 2)));
  wire::appendTlv(out, 0x3E, {});
  wire::appendTlv(out, 0xFE, {});
  return out;
}

Bytes cccOf() {
  // GSC-IS registered id, manufacturer, card type, and 14 random bytes of card id
  Bytes identifier{0xA0, 0x00, 0x00, 0x01, 0x16, 0xFF, 0x02};
  const Bytes unique = randomBytes(14);
  identifier.insert(identifier.end(), unique.begin(), unique.end());
  Bytes out;
  wire::appendTlv(out, 0xF0, identifier);
  for (const std::uint32_t tag :
       {0xF1U, 0xF2U, 0xF3U, 0xF4U, 0xF5U, 0xF6U, 0xF7U, 0xFAU, 0xFBU, 0xFCU, 0xFDU, 0xFEU}) {
    wire::appendTlv(out, tag, {});
  }
  return out;
}

/// At most so many bytes, and no character cut in two.
std::string_view cutUtf8(std::string_view text, std::size_t most) {
  if (text.size() > most) {
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) {
      --most;
    }
    text = text.substr(0, most);
  }
  return text;
}

Bytes printedInformationOf(const PersonalisationOptions& options, year_month_day expiry) {
  static constexpr std::array<const char*, 12> kMonths = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                          "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
  const std::string date = yearOf(expiry) + kMonths.at(static_cast<unsigned>(expiry.month()) - 1) +
                           padded(static_cast<unsigned>(expiry.day()), 2);
  Bytes out;
  wire::appendTlv(out, 0x01, viewOf(cutUtf8(options.name, 125)));
  wire::appendTlv(out, 0x04, viewOf(date));
  wire::appendTlv(out, 0x05, viewOf(options.cardNumber));
  wire::appendTlv(out, 0xFE, {});
  return out;
}

void store(CardState& state, std::uint32_t tag, ByteView content) {
  state.objects[tag] = wire::encodeTlv(0x53, content);
}

/// Retired encryption keys, the Key History object, and the file that it points to.
bool addRetiredKeys(const PersonalisationOptions& options, const TestAuthority& authority,
                    const std::string& subjectSerial, PersonalisedCard& card) {
  Bytes entries;
  const auto add = [&](std::uint8_t reference) -> std::optional<Bytes> {
    auto key = PrivateKey::generate(options.algorithm);
    auto certificate =
        key ? authority.issue(CertificateUse::KeyManagement, *key, options.name, subjectSerial)
            : std::nullopt;
    if (!certificate) {
      return std::nullopt;
    }
    card.state.keys.insert_or_assign(reference, std::move(*key));
    const Bytes entry = keyHistoryEntry(reference, certificate->der);
    entries.insert(entries.end(), entry.begin(), entry.end());
    return std::move(certificate->der);
  };
  for (unsigned i = 0; i < options.retiredKeys; ++i) {
    const auto der = add(static_cast<std::uint8_t>(piv::kFirstRetiredKey + i));
    if (!der) {
      return false;
    }
    store(card.state, kFirstRetiredCertificate + i,
          certificateObject(*der, options.compressCertificates));
  }
  for (unsigned i = 0; i < options.retiredKeysOffCard; ++i) {
    if (!add(static_cast<std::uint8_t>(piv::kLastRetiredKey - i))) {
      return false;
    }
  }
  if (options.retiredKeysOffCard > 0) {
    card.keyHistoryFile = wire::encodeTlv(0x30, entries);
  }
  store(card.state, kKeyHistory,
        keyHistoryObject(options.retiredKeys, options.retiredKeysOffCard, options.baseUrl,
                         card.keyHistoryFile));
  return true;
}

std::string sixteenDigits() {
  std::string out;
  for (const std::uint8_t byte : randomBytes(16)) {
    out += static_cast<char>('0' + byte % 10);
  }
  return out;
}

}  // namespace

std::optional<Bytes> fascnOf(std::string_view cardNumber) {
  const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
  const auto isLetter = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (cardNumber.size() != 16 || !isLetter(cardNumber[0]) || !isLetter(cardNumber[1]) ||
      !std::all_of(cardNumber.begin() + 2, cardNumber.end(), isDigit)) {
    return std::nullopt;
  }
  const std::string_view digits = cardNumber.substr(2);
  std::vector<std::uint8_t> characters{kStart};
  const auto add = [&](std::string_view text) {
    for (const char c : text) {
      characters.push_back(static_cast<std::uint8_t>(c - '0'));
    }
  };
  const auto separate = [&] { characters.push_back(kSeparator); };
  add("9999");
  separate();
  add(padded(static_cast<unsigned>(cardNumber[0] - 'A' + 1), 2));
  add(padded(static_cast<unsigned>(cardNumber[1] - 'A' + 1), 2));
  separate();
  add(digits.substr(0, 6));
  separate();
  add(digits.substr(6, 1));
  separate();
  add(digits.substr(7, 1));
  separate();
  add("0000");
  add(digits.substr(8, 6));
  add("1");
  add("0000");
  add("1");
  characters.push_back(kEnd);
  std::uint8_t check = 0;
  for (const std::uint8_t character : characters) {
    check ^= character;
  }
  characters.push_back(check);
  Bytes out(kFascnCharacters * 5 / 8);
  std::size_t at = 0;
  const auto addBit = [&](unsigned bit) {
    out[at / 8] = static_cast<std::uint8_t>(out[at / 8] | bit << (7 - at % 8));
    ++at;
  };
  for (const std::uint8_t character : characters) {
    for (unsigned i = 0; i < 4; ++i) {
      addBit(character >> i & 1U);
    }
    addBit(std::popcount(character) % 2 == 0 ? 1U : 0U);
  }
  return out;
}

tl::expected<PersonalisedCard, std::string> personalise(const PersonalisationOptions& options) {
  const auto fascn = fascnOf(options.cardNumber);
  if (!fascn) {
    return tl::unexpected(std::string("a card number is two letters and 14 digits"));
  }
  if (options.retiredKeys > kMaxRetiredKeys ||
      options.retiredKeysOffCard > kMaxRetiredKeys - options.retiredKeys) {
    return tl::unexpected(std::string("a card has at most 20 retired keys"));
  }
  const auto authority = TestAuthority::create(options.algorithm, options.baseUrl);
  if (!authority) {
    return tl::unexpected(std::string("the test authority could not be made"));
  }
  PersonalisedCard card{.state = blankCard(options.extendedLength),
                        .cardNumber = options.cardNumber,
                        .rootPem = authority->rootPem(),
                        .issuingPem = authority->issuingPem()};
  CardState& state = card.state;
  state.pin.value = paddedPin(options.stage == CardStage::Activated ? kHolderPin : kTransportPin);
  state.puk.value = paddedPin(kPuk);
  state.management = {.cipher = BlockCipher::Aes256, .key = randomBytes(32)};
  const auto expiry = expiryDate();
  store(state, kChuid, chuidOf(*fascn, expiry));
  store(state, kCcc, cccOf());
  store(state, kPrintedInformation, printedInformationOf(options, expiry));
  state.objects[kDiscovery] = discoveryObject();
  const std::string subjectSerial = sixteenDigits();
  const std::array<std::string*, 3> pems = {&card.signaturePem, &card.keyManagementPem,
                                            &card.cardAuthenticationPem};
  for (std::size_t i = 0; i < kSlots.size(); ++i) {
    const SlotPlan& slot = kSlots.at(i);
    auto key = PrivateKey::generate(options.algorithm);
    const bool personal = slot.use != CertificateUse::CardAuthentication;
    auto certificate =
        key ? authority->issue(slot.use, *key, personal ? options.name : options.cardNumber,
                               subjectSerial)
            : std::nullopt;
    if (!certificate) {
      return tl::unexpected(std::string("a certificate could not be made"));
    }
    store(state, slot.object, certificateObject(certificate->der, options.compressCertificates));
    *pems.at(i) = std::move(certificate->pem);
    state.keys.insert_or_assign(slot.reference, std::move(*key));
  }
  if (!addRetiredKeys(options, *authority, subjectSerial, card)) {
    return tl::unexpected(std::string("a retired key could not be made"));
  }
  return card;
}

}  // namespace fncard::hw_sim

// SPDX-License-Identifier: Apache-2.0
#include "agent-link/pin_request.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "agent-link/frame.h"

namespace fncard::agent_link {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<Purpose, const char*>, 3> kPurposes = {
    {{Purpose::Login, "login"},
     {Purpose::Signature, "signature"},
     {Purpose::Decryption, "decryption"}}};

constexpr std::uint8_t kPinFollows = 0;
constexpr std::array<std::pair<Error, std::uint8_t>, 4> kStatus = {
    {{Error::Cancelled, 1}, {Error::Busy, 2}, {Error::Refused, 3}, {Error::TimedOut, 4}}};

const char* nameOf(Purpose purpose) {
  const auto* const place =
      std::ranges::find(kPurposes, purpose, &std::pair<Purpose, const char*>::first);
  return place->second;
}

bool readText(const json& value, std::string& text) {
  if (!value.is_string() || value.get_ref<const std::string&>().size() > PinRequest::kMaxText) {
    return false;
  }
  text = value.get<std::string>();
  return true;
}

bool readPurpose(const json& value, Purpose& purpose) {
  for (const auto& [known, name] : kPurposes) {
    if (value == name) {
      purpose = known;
      return true;
    }
  }
  return false;
}

bool readTries(const json& value, std::optional<unsigned>& tries) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > 15) {  // 63 CX: one digit
    return false;
  }
  tries = value.get<unsigned>();
  return true;
}

bool readFlag(const json& value, bool& flag) {
  if (!value.is_boolean()) {
    return false;
  }
  flag = value.get<bool>();
  return true;
}

bool readMember(const std::string& key, const json& value, PinRequest& request) {
  if (key == "ask") {
    return value == "pin";
  }
  if (key == "purpose") {
    return readPurpose(value, request.purpose);
  }
  if (key == "program") {
    return readText(value, request.program);
  }
  if (key == "cardNumber") {
    return readText(value, request.cardNumber);
  }
  if (key == "holder") {
    return readText(value, request.holder);
  }
  if (key == "triesLeft") {
    return readTries(value, request.triesLeft);
  }
  return key == "wrongPinBefore" && readFlag(value, request.wrongPinBefore);
}

// In the replacement of bad UTF-8 each byte becomes three.
std::string cut(const std::string& text) {
  return text.substr(0, PinRequest::kMaxText / 3);
}

card::SecretBytes framed(std::uint8_t status, ByteView digits) {
  const auto header = frameHeader(1 + digits.size());
  card::SecretBytes frame(header.size() + 1 + digits.size());
  auto place = std::copy(header.begin(), header.end(), frame.bytes().begin());
  *place++ = status;
  std::copy(digits.begin(), digits.end(), place);
  return frame;
}

}  // namespace

Bytes encodePinRequest(const PinRequest& request) {
  json object = {{"ask", "pin"},
                 {"purpose", nameOf(request.purpose)},
                 {"program", cut(request.program)},
                 {"cardNumber", cut(request.cardNumber)},
                 {"holder", cut(request.holder)},
                 {"wrongPinBefore", request.wrongPinBefore}};
  if (request.triesLeft) {
    object["triesLeft"] = *request.triesLeft;
  }
  const std::string text = object.dump(-1, ' ', false, json::error_handler_t::replace);
  return {text.begin(), text.end()};
}

std::optional<PinRequest> parsePinRequest(ByteView bytes) {
  const json object = json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (!object.is_object()) {
    return std::nullopt;
  }
  for (const char* needed :
       {"ask", "purpose", "program", "cardNumber", "holder", "wrongPinBefore"}) {
    if (!object.contains(needed)) {
      return std::nullopt;
    }
  }
  PinRequest request;
  for (const auto& [key, value] : object.items()) {
    if (!readMember(key, value, request)) {
      return std::nullopt;
    }
  }
  return request;
}

card::SecretBytes encodePinAnswer(const card::Pin& pin) {
  const ByteView padded = pin.padded();
  const auto digits = std::ranges::find(padded, std::uint8_t{0xFF}) - padded.begin();
  return framed(kPinFollows, padded.first(static_cast<std::size_t>(digits)));
}

card::SecretBytes encodePinAnswer(Error error) {
  const auto* const place =
      std::ranges::find(kStatus, error, &std::pair<Error, std::uint8_t>::first);
  return framed(place != kStatus.end() ? place->second : std::uint8_t{3}, {});
}

tl::expected<card::Pin, Error> parsePinAnswer(card::SecretBytes answer) {
  const auto bytes = answer.bytes();
  if (bytes.empty()) {
    return tl::unexpected(Error::Refused);
  }
  const auto status = bytes[0];
  const auto rest = bytes.subspan(1);
  if (status == kPinFollows) {
    auto pin = card::Pin::take(std::span<char>(reinterpret_cast<char*>(rest.data()), rest.size()));
    return pin ? tl::expected<card::Pin, Error>(std::move(*pin)) : tl::unexpected(Error::Refused);
  }
  const auto* const place =
      std::ranges::find(kStatus, status, &std::pair<Error, std::uint8_t>::second);
  return tl::unexpected(place != kStatus.end() && rest.empty() ? place->first : Error::Refused);
}

}  // namespace fncard::agent_link

// SPDX-License-Identifier: Apache-2.0
#include "agent-link/pin_request.h"

#include <gtest/gtest.h>

#include "agent-link/frame.h"

namespace fncard::agent_link {
namespace {

std::optional<PinRequest> parse(std::string_view json) {
  return parsePinRequest({reinterpret_cast<const std::uint8_t*>(json.data()), json.size()});
}

card::SecretBytes answerOf(std::string text) {
  return card::SecretBytes::take(std::span<char>(text));
}

constexpr const char* kWhole =
    R"({"ask":"pin","purpose":"login","program":"p","cardNumber":"c","holder":"h","triesLeft":3,"wrongPinBefore":false})";

std::string with(const std::string& what, const std::string& instead) {
  std::string text = kWhole;
  return text.replace(text.find(what), what.size(), instead);
}

TEST(PinRequest, ReadsAsItWasWritten) {
  for (const Purpose purpose : {Purpose::Login, Purpose::Signature, Purpose::Decryption}) {
    const PinRequest request{
        .purpose = purpose,
        .program = "Firefox \"\\\n",
        .cardNumber = "FN00000000000017",
        .holder = "NGUYỄN THỊ 阮氏",
        .triesLeft = purpose == Purpose::Login ? std::nullopt : std::optional<unsigned>(1),
        .wrongPinBefore = purpose == Purpose::Signature};
    EXPECT_EQ(parsePinRequest(encodePinRequest(request)), request);
  }
}

TEST(PinRequest, IsReadWhateverTextsAProgramPutsIn) {
  const std::string endless(100'000, '\xC3');
  const Bytes encoded =
      encodePinRequest({.program = endless, .cardNumber = endless, .holder = endless});
  EXPECT_LE(encoded.size(), kMaxRequest);
  EXPECT_TRUE(parsePinRequest(encoded).has_value());
}

TEST(PinRequest, IsRefusedUnlessItIsExactlyOne) {
  ASSERT_TRUE(parse(kWhole).has_value());
  for (const std::string& text : {
           std::string(),
           std::string("null"),
           std::string("[]"),
           std::string("{}"),
           std::string("{\"ask\":\"pin\"}"),
           std::string(kWhole).substr(0, 40),
           std::string(kWhole) + "x",
           std::string(8192, '['),
           with("\"pin\"", "\"puk\""),
           with("\"pin\"", "[\"pin\"]"),
           with("login", "Login"),
           with("\"p\"", "7"),
           with("\"p\"", "null"),
           with("\"p\"", '"' + std::string(PinRequest::kMaxText + 1, 'p') + '"'),
           with("\"p\"", "\"\xFF\""),
           with(":3", ":-1"),
           with(":3", ":16"),
           with(":3", ":3.5"),
           with(":3", ":18446744073709551616"),
           with(":3", ":null"),
           with("false", "0"),
           with("\"triesLeft\":3", "\"command\":\"x\""),
           with("\"holder\":\"h\",", ""),
       }) {
    EXPECT_FALSE(parse(text).has_value()) << text.substr(0, 200);
  }
}

TEST(PinAnswer, GivesThePinAsItWasTyped) {
  for (std::string digits : {"123456", "7654321", "00000000"}) {
    std::string copy = digits;
    const auto pin = card::Pin::take(std::span<char>(copy));
    ASSERT_TRUE(pin);
    auto frame = encodePinAnswer(*pin);
    const auto payload = frame.bytes().subspan(kFrameHeader);
    EXPECT_EQ(frameSize(frame.bytes().first<kFrameHeader>()), payload.size());
    const auto answer = parsePinAnswer(card::SecretBytes::take(payload));
    ASSERT_TRUE(answer);
    EXPECT_TRUE(*answer == *pin) << digits;
  }
}

TEST(PinAnswer, SaysWhyThereIsNone) {
  for (const Error error : {Error::Cancelled, Error::Busy, Error::Refused, Error::TimedOut}) {
    auto frame = encodePinAnswer(error);
    const auto answer =
        parsePinAnswer(card::SecretBytes::take(frame.bytes().subspan(kFrameHeader)));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error(), error);
  }
}

TEST(PinAnswer, IsRefusedWhenItIsNone) {
  using std::string_literals::operator""s;
  for (const std::string& text : {""s, "\0"s,
                                  "\0"
                                  "12345"s,
                                  "\0"
                                  "123456789"s,
                                  "\0"
                                  "12345x"s,
                                  "\5"s, "\xFF"s,
                                  "\1"
                                  "123456"s}) {
    const auto answer = parsePinAnswer(answerOf(text));
    ASSERT_FALSE(answer) << text;
    EXPECT_EQ(answer.error(), Error::Refused);
  }
}

}  // namespace
}  // namespace fncard::agent_link

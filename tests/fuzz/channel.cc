// SPDX-License-Identifier: Apache-2.0
// Response assembly and command chaining over a card that answers whatever the input says: it ends,
// and the answer is what the card gave, within 64 KiB.
//
// Input: one byte what comes after the last record (0 the card stops answering, 1 it is removed,
// else the last record for ever), two bytes of command length, two bytes of Le, then the answers as
// records. A record under two bytes is no answer.
#include "card/piv/channel.h"

#include "tests/fuzz/input.h"

namespace {

using namespace fncard;
using card::ErrorCode;

constexpr std::size_t kMaxAnswer = 65'536;

class InputCard final : public card::Transaction {
 public:
  InputCard(std::uint8_t atEnd, fuzz::Input& input) : atEnd_(atEnd), input_(input) {}

  card::Result<wire::ResponseApdu> exchange(ByteView command) override {
    ++exchanges;
    fuzz::require(wire::CommandApdu::parse(command).has_value(), "what is sent is an APDU");
    if (!input_.atEnd()) {
      last_ = input_.record();
    } else if (atEnd_ == 1) {
      return card::failed(ErrorCode::CardRemoved, "fuzz");
    } else if (atEnd_ == 0) {
      last_ = {};
    }
    const auto answer = wire::ResponseApdu::parse(last_);
    if (!answer) {
      return card::failed(ErrorCode::CardMute, "fuzz");
    }
    given += answer->data.size();
    return *answer;
  }

  std::size_t exchanges = 0;
  std::size_t given = 0;

 private:
  std::uint8_t atEnd_;
  fuzz::Input& input_;
  ByteView last_;
};

/// Every part of a chain and every GET RESPONSE may be repeated once with another Le, after one try
/// in extended length.
std::size_t mostExchanges(const wire::CommandApdu& command) {
  const std::size_t parts = command.data.size() / wire::kMaxShortData + 1;
  constexpr std::size_t kGetResponses = 513;
  return 2 * (1 + parts + kGetResponses);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static std::size_t readers = 0;  // the library remembers readers by name: each run has its own
  fuzz::Input input(bytes, size);
  InputCard hostile(input.byte(), input);
  wire::CommandApdu command{.ins = 0x87, .p1 = 0x07, .p2 = 0x9C};
  const std::size_t dataHigh = input.byte();
  command.data.resize(dataHigh << 8U | input.byte(), 0x5A);
  const std::size_t leHigh = input.byte();
  command.le = leHigh << 8U | input.byte();

  card::piv::Channel channel(hostile, "Reader " + std::to_string(++readers));
  const auto answer = channel.send(command);
  fuzz::require(hostile.exchanges <= mostExchanges(command), "it ends");
  if (answer) {
    fuzz::require(answer->data.size() <= kMaxAnswer, "an answer has at most 64 KiB");
    fuzz::require(answer->data.size() <= hostile.given, "an answer is what the card gave");
    // in the middle of a chain any status word but 9000 is the end, and an error to whoever asked
    fuzz::require(answer->status.sw1() != 0x61 || command.data.size() > wire::kMaxShortData,
                  "the last status word is given");
  } else {
    fuzz::require(answer.error().code == ErrorCode::Malformed ||
                      answer.error().code == ErrorCode::CardRemoved,
                  "a card that stops answering is removed");
  }
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "card/piv/channel.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "card/pin.h"

namespace fncard::card::piv {
namespace {

using wire::CommandApdu;
using wire::ResponseApdu;

constexpr std::uint8_t kChainingBit = 0x10;
constexpr std::uint8_t kGetResponse = 0xC0;
constexpr std::uint8_t kMoreBytes = 0x61;
constexpr std::uint8_t kWrongLe = 0x6C;
constexpr std::size_t kMaxAnswer = 65'536;
// A card that gives 64 KiB in full pieces needs 256; more pieces than this is a card that never
// ends.
constexpr int kMaxGetResponses = 512;

/// Readers in which extended length failed.
class ShortReaders {
 public:
  bool contains(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    return names_.contains(name);
  }
  void add(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    names_.insert(name);
  }

 private:
  std::mutex mutex_;
  std::set<std::string> names_;
};

/// Never destroyed: other threads, and handlers of the program, may still use a card while the
/// process ends.
ShortReaders& shortReaders() {
  static ShortReaders& readers = *new ShortReaders;
  return readers;
}

/// 61 00 and 6C 00 stand for 256.
std::size_t announcedLength(wire::StatusWord status) {
  return status.sw2() == 0 ? wire::kMaxShortResponse : status.sw2();
}

}  // namespace

Result<ResponseApdu> Channel::send(const CommandApdu& command) {
  auto answer = sendAnyLength(command);
  if (!answer && answer.error().code == ErrorCode::CardMute) {
    answer.error().code = ErrorCode::CardRemoved;
  }
  return answer;
}

Result<ResponseApdu> Channel::sendAnyLength(const CommandApdu& command) {
  if (command.fitsShort() || shortReaders().contains(readerName_)) {
    return sendShort(command);
  }
  auto answer = exchange(command);
  const bool refused = answer ? answer->status == wire::sw::kWrongLength
                              : answer.error().code != ErrorCode::CardRemoved;
  if (!refused) {
    return answer ? collect(std::move(*answer)) : std::move(answer);
  }
  auto shortAnswer = sendShort(command);
  if (shortAnswer && shortAnswer->status != wire::sw::kWrongLength) {
    shortReaders().add(readerName_);
  }
  return shortAnswer;
}

Result<ResponseApdu> Channel::sendShort(const CommandApdu& command) {
  ByteView rest = command.data;
  for (;;) {
    const ByteView part = rest.first(std::min(rest.size(), wire::kMaxShortData));
    rest = rest.subspan(part.size());
    CommandApdu apdu{.cla = command.cla, .ins = command.ins, .p1 = command.p1, .p2 = command.p2};
    apdu.data.assign(part.begin(), part.end());
    if (rest.empty()) {
      apdu.le = std::min(command.le, wire::kMaxShortResponse);
    } else {
      apdu.cla |= kChainingBit;
    }
    auto answer = exchange(apdu);
    wipe(apdu.data);
    if (!answer) {
      return answer;
    }
    if (rest.empty()) {
      return collect(std::move(*answer));
    }
    if (!answer->status.ok()) {
      return answer;
    }
  }
}

Result<ResponseApdu> Channel::exchange(const CommandApdu& command) {
  const auto once = [this](const CommandApdu& apdu) {
    Bytes bytes = apdu.encode();
    auto answer = transaction_.exchange(bytes);
    wipe(bytes);
    return answer;
  };
  auto answer = once(command);
  if (answer && answer->status.sw1() == kWrongLe && command.le > 0) {
    CommandApdu again = command;
    again.le = announcedLength(answer->status);
    answer = once(again);
    wipe(again.data);
  }
  return answer;
}

Result<ResponseApdu> Channel::collect(ResponseApdu response) {
  for (int count = 0; response.status.sw1() == kMoreBytes; ++count) {
    auto more = exchange({.ins = kGetResponse, .le = announcedLength(response.status)});
    if (!more) {
      wipe(response.data);
      return more;
    }
    const bool endless = count == kMaxGetResponses ||
                         response.data.size() + more->data.size() > kMaxAnswer ||
                         (more->data.empty() && more->status.sw1() == kMoreBytes);
    if (endless) {
      wipe(response.data);
      wipe(more->data);
      return failed(ErrorCode::Malformed, "an answer that does not end");
    }
    // a plaintext may be in it: no copy is left behind where the vector grows
    Bytes joined;
    joined.reserve(response.data.size() + more->data.size());
    joined.insert(joined.end(), response.data.begin(), response.data.end());
    joined.insert(joined.end(), more->data.begin(), more->data.end());
    wipe(response.data);
    wipe(more->data);
    response = {.data = std::move(joined), .status = more->status};
  }
  return response;
}

}  // namespace fncard::card::piv

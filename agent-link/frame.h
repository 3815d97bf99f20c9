// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "card/wire/bytes.h"

namespace fncard::agent_link {

/// A message on the socket: a 32-bit length in the machine's byte order, then that many bytes, at
/// least one.
inline constexpr std::size_t kFrameHeader = 4;
inline constexpr std::size_t kMaxRequest = 8192;

std::array<std::uint8_t, kFrameHeader> frameHeader(std::size_t size);
std::size_t frameSize(std::span<const std::uint8_t, kFrameHeader> header);

/// Header and payload in one.
Bytes encodeFrame(ByteView payload);

/// Puts one message together from what a socket gives, in pieces of any size. Never holds more than
/// limit bytes of payload.
class FrameReader {
 public:
  enum class State { Incomplete, Complete, Malformed };

  explicit FrameReader(std::size_t limit) : limit_(limit) {}

  /// Malformed, for good, when the length is zero or over the limit, and when anything comes after
  /// the message: a connection carries one.
  State feed(ByteView bytes);

  /// The message, once feed() said Complete.
  [[nodiscard]] ByteView payload() const { return payload_; }

 private:
  std::size_t limit_;
  std::array<std::uint8_t, kFrameHeader> header_{};
  std::size_t headerSize_ = 0;
  std::size_t payloadSize_ = 0;
  Bytes payload_;
  State state_ = State::Incomplete;
};

}  // namespace fncard::agent_link

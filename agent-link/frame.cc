// SPDX-License-Identifier: Apache-2.0
#include "agent-link/frame.h"

#include <algorithm>
#include <cstring>

namespace fncard::agent_link {

std::array<std::uint8_t, kFrameHeader> frameHeader(std::size_t size) {
  const auto length = static_cast<std::uint32_t>(size);
  std::array<std::uint8_t, kFrameHeader> header{};
  std::memcpy(header.data(), &length, header.size());
  return header;
}

std::size_t frameSize(std::span<const std::uint8_t, kFrameHeader> header) {
  std::uint32_t length = 0;
  std::memcpy(&length, header.data(), header.size());
  return length;
}

Bytes encodeFrame(ByteView payload) {
  const auto header = frameHeader(payload.size());
  Bytes frame(header.begin(), header.end());
  frame.insert(frame.end(), payload.begin(), payload.end());
  return frame;
}

FrameReader::State FrameReader::feed(ByteView bytes) {
  if (state_ == State::Malformed) {
    return state_;
  }
  const std::size_t ofHeader = std::min(bytes.size(), kFrameHeader - headerSize_);
  std::copy_n(bytes.begin(), ofHeader, header_.begin() + static_cast<std::ptrdiff_t>(headerSize_));
  headerSize_ += ofHeader;
  bytes = bytes.subspan(ofHeader);
  if (headerSize_ < kFrameHeader) {
    return state_;
  }
  payloadSize_ = frameSize(header_);
  if (payloadSize_ == 0 || payloadSize_ > limit_ || bytes.size() > payloadSize_ - payload_.size()) {
    payload_.clear();
    return state_ = State::Malformed;
  }
  payload_.insert(payload_.end(), bytes.begin(), bytes.end());
  return state_ = payload_.size() == payloadSize_ ? State::Complete : State::Incomplete;
}

}  // namespace fncard::agent_link

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "card/wire/bytes.h"

namespace fncard::hw_sim {

/// What reader and chip of a real card would take: a model, see timing/realistic.toml. Times are
/// microseconds, rates bytes a second.
struct TimingModel {
  struct ByAlgorithm {
    std::uint64_t rsa2048 = 0, rsa3072 = 0, rsa4096 = 0, p256 = 0, p384 = 0;
  };
  std::uint64_t powerOn = 0;
  std::uint64_t apdu = 0;  ///< for each, whatever is in it
  std::uint64_t bytesToCard = 0;
  std::uint64_t bytesFromCard = 0;
  std::uint64_t select = 0;
  std::uint64_t read = 0;            ///< rate at which GET DATA leaves the chip's memory
  std::uint64_t verify = 0;          ///< each command that compares a PIN or PUK
  std::uint64_t administration = 0;  ///< each step of an authentication with 9B
  std::uint64_t write = 0;           ///< each time that the card stores
  ByAlgorithm privateOperation;
  ByAlgorithm generate;
};

/// The form of timing/realistic.toml. Every member must be there, and no other; a time is at most
/// ten minutes, a rate between 1 byte and 1 GB a second. The error is a sentence without full stop.
tl::expected<TimingModel, std::string> timingFromToml(std::string_view text);

/// timing/realistic.toml, compiled in.
const TimingModel& realisticTiming();
std::string_view realisticTimingText();

/// One raw command and its raw response; how often the card stored in between.
struct TimedExchange {
  ByteView command;
  ByteView response;
  unsigned writes = 0;
};

/// Applies a model to one exchange after another; GET RESPONSE costs what it goes on with.
class TimingMeter {
 public:
  explicit TimingMeter(const TimingModel& model) : model_(model) {}
  std::chrono::microseconds exchange(const TimedExchange& exchange);
  [[nodiscard]] std::chrono::microseconds powerOn() const {
    return std::chrono::microseconds(model_.powerOn);
  }

 private:
  TimingModel model_;
  bool readsObject_ = false;
};

}  // namespace fncard::hw_sim

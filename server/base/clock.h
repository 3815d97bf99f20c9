// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

namespace fncard::server {

using Time = std::chrono::system_clock::time_point;

/// Where the time comes from: nothing in the server asks the system by itself.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time now() const = 0;
};

/// The system's time, moved by an offset: in the sandbox 15 days or five years pass at once.
class SystemClock : public Clock {
 public:
  explicit SystemClock(std::chrono::seconds offset = {}) : offset_(offset) {}
  [[nodiscard]] Time now() const override { return std::chrono::system_clock::now() + offset_; }

 private:
  std::chrono::seconds offset_;
};

/// As SystemClock, with the offset in seconds read from a file at each call, so that a test moves
/// the time of a running server. No file, or no number in it: no offset.
class FileClock : public Clock {
 public:
  explicit FileClock(std::string path) : path_(std::move(path)) {}
  [[nodiscard]] Time now() const override;

 private:
  std::string path_;
};

}  // namespace fncard::server

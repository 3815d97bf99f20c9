// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace fncard::hw_sim {

/// Takes the reader itself away from pcscd and gives it back, where the driver of
/// hw-sim/reader_driver serves it: all slots of the reader go and come together. Both calls return
/// before pcscd has noticed; the error is a sentence without full stop.
class ReaderPlug {
 public:
  /// mark: the file that is there while the reader is not.
  explicit ReaderPlug(std::string mark) : mark_(std::move(mark)) {}

  [[nodiscard]] tl::expected<void, std::string> unplug() const;
  [[nodiscard]] tl::expected<void, std::string> plug() const;

 private:
  std::string mark_;
};

}  // namespace fncard::hw_sim

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "server/hsm/hsm.h"

namespace fncard::server::hsm {

/// A token's PIN in locked memory, wiped when it goes.
class Pin {
 public:
  static constexpr std::size_t kMaxSize = 255;

  /// Reads the first line of a file that belongs to this user (or root) and that nobody else may
  /// read. 1 to 255 bytes.
  static Result<Pin> read(const std::string& path);
  /// 32 random characters out of 32: 160 bits.
  static Result<Pin> random();

  [[nodiscard]] std::span<unsigned char> bytes() const { return {bytes_.get(), size_}; }

 private:
  struct Wipe {
    void operator()(unsigned char* bytes) const;
  };
  static Result<Pin> allocate();

  std::unique_ptr<unsigned char, Wipe> bytes_;
  std::size_t size_ = 0;
};

/// Writes the PIN and a line end to a new file of mode 0600; an existing file is left alone and is
/// an error.
Result<void> writePinFile(const std::string& path, const Pin& pin);

}  // namespace fncard::server::hsm

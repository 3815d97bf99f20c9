// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>

namespace fncard::configuration {

/// Where a file is wrong: its name, the line where there is one, and what is wrong there.
struct Error {
  std::string detail;
};

/// The contents of a regular file of at most `longest` bytes; nothing when there is no such file.
/// What is there and may not be read is an error. Never waits: a FIFO or a device in the file's
/// place is an error too.
tl::expected<std::optional<std::string>, Error> readFile(const std::string& path,
                                                         std::size_t longest);

}  // namespace fncard::configuration

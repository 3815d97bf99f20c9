// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

namespace fncard::test {

/// Whether the heap is a sanitizer's, of which nothing here can tell how full it is; it looks for
/// leaks itself.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

/// What this process has at one moment, as the kernel tells it.
struct Belongings {
  std::size_t threads = 0;
  std::vector<std::string> descriptors;  ///< "3 /dev/null", in order
  bool operator==(const Belongings&) const = default;
};
Belongings belongings();
void PrintTo(const Belongings& found, std::ostream* out);  // NOLINT(readability-identifier-naming)

/// Waits until this process has no more threads than that: a joined thread is in the kernel's list
/// for a moment longer.
void untilThreads(std::size_t most);

/// Bytes.
struct Memory {
  std::size_t heap = 0;   ///< given out by malloc() and not given back
  std::size_t dirty = 0;  ///< resident and written by this process
};
Memory memory();

/// Tests in which the module must neither print nor keep a thread or a descriptor: both are looked
/// at again when the test is over.
class NothingIsLeft : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

 private:
  Belongings before_;
  int output_ = -1;  ///< takes what is printed
  int standardOutput_ = -1;
  int standardError_ = -1;
};

}  // namespace fncard::test

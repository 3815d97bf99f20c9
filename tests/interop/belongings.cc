// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/belongings.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

namespace fncard::test {
namespace {

namespace fs = std::filesystem;

std::size_t threadCount() {
  const fs::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

std::string contentOf(int file) {
  std::string content(static_cast<std::size_t>(lseek(file, 0, SEEK_END)), '\0');
  const ssize_t size = pread(file, content.data(), content.size(), 0);
  EXPECT_EQ(size, static_cast<ssize_t>(content.size()));
  return content;
}

}  // namespace

Belongings belongings() {
  Belongings found{.threads = threadCount(), .descriptors = {}};
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code failure;
    const fs::path target = fs::read_symlink(entry.path(), failure);
    // the descriptor of this very listing shows in it
    if (!failure && target.filename() != "fd") {
      found.descriptors.push_back(entry.path().filename().string() + " " + target.string());
    }
  }
  std::ranges::sort(found.descriptors);
  return found;
}

void PrintTo(const Belongings& found, std::ostream* out) {
  *out << found.threads << " threads, descriptors:";
  for (const std::string& descriptor : found.descriptors) {
    *out << " [" << descriptor << "]";
  }
}

void untilThreads(std::size_t most) {
  while (threadCount() > most) {
    std::this_thread::yield();
  }
}

Memory memory() {
  const struct mallinfo2 heap = mallinfo2();
  Memory found{.heap = heap.uordblks + heap.hblkhd};
  std::ifstream rollup("/proc/self/smaps_rollup");
  for (std::string word; rollup >> word;) {
    if (word == "Private_Dirty:" && rollup >> found.dirty) {
      found.dirty *= 1024;
    }
  }
  return found;
}

void NothingIsLeft::SetUp() {
  before_ = belongings();
  std::fflush(nullptr);
  standardOutput_ = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
  standardError_ = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
  output_ = memfd_create("output", MFD_CLOEXEC);
  ASSERT_GE(std::min({standardOutput_, standardError_, output_}), 0);
  dup2(output_, STDOUT_FILENO);
  dup2(output_, STDERR_FILENO);
}

void NothingIsLeft::TearDown() {
  std::fflush(nullptr);
  const std::string printed = contentOf(output_);
  dup2(standardOutput_, STDOUT_FILENO);
  dup2(standardError_, STDERR_FILENO);
  for (const int file : {standardOutput_, standardError_, output_}) {
    close(file);
  }
  if (HasFailure()) {
    std::cout << printed;  // what GoogleTest said of it is among this
  } else {
    EXPECT_EQ(printed, "");
  }
  EXPECT_EQ(belongings(), before_);
}

}  // namespace fncard::test

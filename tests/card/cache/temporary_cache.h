// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "card/wire/bytes.h"

// NOLINTBEGIN(concurrency-mt-unsafe): set before a test starts threads
namespace fncard::card::testing {

/// A certificate cache of the test's own, for as long as this lives; off again afterwards.
class TemporaryCache {
 public:
  TemporaryCache() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fncard-cache-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    setenv("FNCARD_CACHE", "on", 1);
    setenv("FNCARD_CACHE_DIR", folder().c_str(), 1);
  }
  ~TemporaryCache() {
    setenv("FNCARD_CACHE", "off", 1);
    unsetenv("FNCARD_CACHE_DIR");
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  TemporaryCache(const TemporaryCache&) = delete;
  TemporaryCache& operator=(const TemporaryCache&) = delete;

  [[nodiscard]] std::filesystem::path root() const { return root_; }
  [[nodiscard]] std::filesystem::path folder() const { return root_ / "cache"; }

  [[nodiscard]] std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> found;
    if (std::filesystem::exists(folder())) {
      for (const auto& entry : std::filesystem::directory_iterator(folder())) {
        found.push_back(entry.path());
      }
    }
    return found;
  }

  static Bytes read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  /// In place: the mode stays.
  static void write(const std::filesystem::path& path, ByteView bytes) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }

 private:
  std::filesystem::path root_;
};

}  // namespace fncard::card::testing
// NOLINTEND(concurrency-mt-unsafe)

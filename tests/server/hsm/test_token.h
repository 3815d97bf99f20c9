// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "server/hsm/softhsm.h"

/// A SoftHSM2 token in a private directory, gone with the object. One at a time in a process, and
/// every Hsm of it must go before it.
namespace fncard::server::hsm::testing {

class TestDirectory {
 public:
  TestDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "fncard-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      ADD_FAILURE() << "no temporary directory";
    }
    path_ = name;
  }
  ~TestDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const {
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

class TestToken {
 public:
  TestToken() {
    auto made = makeSoftHsmToken(directory_ / "hsm", "fncard test", directory_ / "pin");
    if (made) {
      options_ = *made;
    } else {
      ADD_FAILURE() << made.error().detail;
    }
  }
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] const TestDirectory& directory() const { return directory_; }
  [[nodiscard]] std::unique_ptr<Hsm> open() const {
    auto hsm = Hsm::open(options_);
    if (!hsm) {
      ADD_FAILURE() << hsm.error().detail;
      return nullptr;
    }
    return std::move(*hsm);
  }

 private:
  TestDirectory directory_;
  Options options_;
};

}  // namespace fncard::server::hsm::testing

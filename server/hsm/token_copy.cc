// SPDX-License-Identifier: Apache-2.0
#include "server/hsm/token_copy.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdlib>
#include <system_error>
#include <utility>
#include <vector>

namespace fncard::server::hsm {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "open-";

/// A descriptor that holds the lock of a directory, or -1.
int lockDirectory(const fs::path& directory, int wait) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor >= 0 && ::flock(descriptor, LOCK_EX | wait) != 0) {
    ::close(descriptor);
    return -1;
  }
  return descriptor;
}

/// Under the lock of the directory.
void removeAbandoned(const fs::path& directory) {
  std::vector<fs::path> copies;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    if (entry.path().filename().string().starts_with(kPrefix)) {
      copies.push_back(entry.path());
    }
  }
  for (const fs::path& copy : copies) {
    if (const int lock = lockDirectory(copy, LOCK_NB); lock >= 0) {
      fs::remove_all(copy, ignored);
      ::close(lock);
    }
  }
}

tl::unexpected<Error> fault(const fs::path& directory, const std::error_code& reason) {
  return tl::unexpected(Error{"The token directory " + directory.string() +
                              " cannot be copied: " + reason.message() + "."});
}

tl::unexpected<Error> systemFault(const fs::path& directory) {
  return fault(directory, {errno, std::generic_category()});
}

}  // namespace

Result<TokenCopy> TokenCopy::make(const fs::path& directory) {
  const int guard = lockDirectory(directory, 0);
  if (guard < 0) {
    return systemFault(directory);
  }
  removeAbandoned(directory);
  std::string name = (directory / kPrefix).string() + "XXXXXX";
  const int lock = ::mkdtemp(name.data()) == nullptr ? -1 : lockDirectory(name, LOCK_NB);
  if (lock < 0) {
    const auto failed = systemFault(directory);
    ::close(guard);
    return failed;
  }
  TokenCopy copy(name, lock);
  std::error_code error;
  fs::copy(directory / "tokens", copy.directory_ / "tokens", fs::copy_options::recursive, error);
  ::close(guard);
  if (error) {
    return fault(directory, error);
  }
  return copy;
}

TokenCopy::TokenCopy(TokenCopy&& other) noexcept
    : directory_(std::move(other.directory_)), lock_(std::exchange(other.lock_, -1)) {}

TokenCopy::~TokenCopy() {
  if (lock_ >= 0) {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
    ::close(lock_);
  }
}

}  // namespace fncard::server::hsm

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "server/hsm/hsm.h"

namespace fncard::server::hsm {

/// A copy of a SoftHSM2 token directory for one process, gone with the object.
///
/// SoftHSM2 2.6 writes token.object at each C_Login: it empties the file, gives up its lock and
/// only then writes. A process that is killed in between has destroyed the token, and one that
/// reads in between finds none. So the token as it was made is only read, and logins happen in
/// copies.
class TokenCopy {
 public:
  /// Beside the token, in directory/open-XXXXXX (mode 0700); the copies of processes that were
  /// killed are removed.
  static Result<TokenCopy> make(const std::filesystem::path& directory);
  ~TokenCopy();
  TokenCopy(TokenCopy&& other) noexcept;
  TokenCopy& operator=(TokenCopy&&) = delete;

  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

 private:
  TokenCopy(std::filesystem::path directory, int lock)
      : directory_(std::move(directory)), lock_(lock) {}

  std::filesystem::path directory_;
  int lock_;  ///< on the directory, as long as it is used
};

}  // namespace fncard::server::hsm

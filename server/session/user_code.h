// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>

#include "server/base/error.h"

/// The user code (用戶代碼): what the applicant is given at the window and nobody else knows. Only
/// its Argon2id hash is kept.
namespace fncard::server::session {

/// Cost of a hash: libsodium's crypto_pwhash limits.
struct HashCost {
  unsigned long long operations = 2;
  std::size_t memoryBytes = 64UL * 1024 * 1024;
};

/// Eight random characters without look-alikes (no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V).
std::string makeUserCode();
/// As a person may have typed it: letters in upper case, spaces and hyphens gone. Empty when it
/// cannot be a user code (6 to 10 letters and digits).
std::string normalUserCode(std::string_view typed);

/// Hashes and checks, a bounded number at the same time and a bounded number in the queue, because
/// each takes as much memory and time as the cost says.
class UserCodeHasher {
 public:
  struct Bounds {
    unsigned running = 2;
    unsigned waiting = 4;  ///< on threads of net::ServerOptions::handlers, which others need too
  };
  explicit UserCodeHasher(HashCost cost);
  UserCodeHasher(HashCost cost, Bounds bounds);

  /// A place in the queue, held while a code is hashed or checked; 503 request.try-again when the
  /// queue is full.
  class Place {
   public:
    explicit Place(UserCodeHasher& hasher) : hasher_(&hasher) {}
    Place(Place&& other) noexcept : hasher_(std::exchange(other.hasher_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    ~Place();

   private:
    UserCodeHasher* hasher_;
  };
  Result<Place> enter();

  Result<std::string> hash(const std::string& userCode);
  /// In the same time for an empty hash, which nothing matches: who has no order takes as long.
  [[nodiscard]] bool matches(const Place& place, const std::string& userCode,
                             const std::string& hash) const;

 private:
  void leave();

  HashCost cost_;
  Bounds bounds_;
  std::string nobody_;  ///< hash of a random code
  std::mutex mutex_;
  std::condition_variable free_;
  unsigned running_ = 0;
  unsigned waiting_ = 0;
};

}  // namespace fncard::server::session

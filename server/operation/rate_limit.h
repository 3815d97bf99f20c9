// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace fncard::server::operation {

/// So many requests a minute of each client, as a token bucket: a minute's worth at once, then as
/// they come back. The table has a bound; the client that was quiet longest makes room. From any
/// thread.
class RateLimit {
 public:
  using Now = std::function<std::chrono::steady_clock::time_point()>;
  static constexpr std::size_t kMostClients = 65'536;

  /// perMinute 0: no limit.
  explicit RateLimit(unsigned perMinute, Now now = std::chrono::steady_clock::now,
                     std::size_t mostClients = kMostClients);

  /// Takes one; when there is none left: in how many seconds there is one, at least 1.
  std::optional<std::chrono::seconds> take(const std::string& client);

 private:
  struct Bucket {
    std::string client;
    double tokens = 0;
    std::chrono::steady_clock::time_point filled;
  };
  Bucket& bucketOf(const std::string& client, std::chrono::steady_clock::time_point now);

  const double perMinute_;
  const Now now_;
  const std::size_t mostClients_;
  std::mutex mutex_;
  std::list<Bucket> buckets_;  ///< the last to ask first
  std::unordered_map<std::string, std::list<Bucket>::iterator> places_;
};

/// One client for a rate limit: an IPv4 address, or the first 64 bits of an IPv6 one, which a
/// provider gives to one customer whole; anything else as it is.
std::string clientOf(const std::string& address);

}  // namespace fncard::server::operation

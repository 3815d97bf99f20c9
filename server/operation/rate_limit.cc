// SPDX-License-Identifier: Apache-2.0
#include "server/operation/rate_limit.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace fncard::server::operation {

RateLimit::RateLimit(unsigned perMinute, Now now, std::size_t mostClients)
    : perMinute_(perMinute),
      now_(std::move(now)),
      mostClients_(std::max<std::size_t>(mostClients, 1)) {}

RateLimit::Bucket& RateLimit::bucketOf(const std::string& client,
                                       std::chrono::steady_clock::time_point now) {
  if (const auto place = places_.find(client); place != places_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, place->second);
    return buckets_.front();
  }
  if (buckets_.size() >= mostClients_) {
    places_.erase(buckets_.back().client);
    buckets_.pop_back();
  }
  buckets_.push_front({.client = client, .tokens = perMinute_, .filled = now});
  places_[client] = buckets_.begin();
  return buckets_.front();
}

std::optional<std::chrono::seconds> RateLimit::take(const std::string& client) {
  if (perMinute_ == 0) {
    return std::nullopt;
  }
  const std::scoped_lock lock(mutex_);
  const auto now = now_();
  const double perSecond = perMinute_ / 60;
  Bucket& bucket = bucketOf(client, now);
  const double passed = std::chrono::duration<double>(now - bucket.filled).count();
  bucket.tokens = std::min(perMinute_, bucket.tokens + passed * perSecond);
  bucket.filled = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return std::nullopt;
  }
  const double wait = std::ceil((1 - bucket.tokens) / perSecond);
  return std::chrono::seconds(std::max(1L, static_cast<long>(wait)));
}

std::string clientOf(const std::string& address) {
  in6_addr binary{};
  if (inet_pton(AF_INET6, address.c_str(), &binary) != 1) {
    return address;
  }
  if (IN6_IS_ADDR_V4MAPPED(&binary)) {
    return address.substr(address.rfind(':') + 1);
  }
  constexpr std::size_t kNetworkBytes = 8;
  std::fill(std::begin(binary.s6_addr) + kNetworkBytes, std::end(binary.s6_addr), std::uint8_t{0});
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, &binary, text.data(), text.size());
  return std::string(text.data()) + "/64";
}

}  // namespace fncard::server::operation

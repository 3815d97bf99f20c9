// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

#include "server/api/api.h"

namespace fncard::server::operation {

/// What was asked of this server since it started. From any thread.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  /// fncard_requests_total{method,route,status,code} and fncard_request_seconds{route}.
  void count(const api::Call& call);
  /// fncard_refused_requests_total{status}: malformed, late, too large, or too many connections;
  /// no handler saw them.
  void countRefusal(int status);
  /// fncard_rate_limited_total{limit}.
  void countRateLimited(const std::string& limit);

  /// Prometheus' text format, version 0.0.4.
  [[nodiscard]] std::string text() const;

 private:
  struct Families;
  struct Series;
  using SeriesName = std::tuple<std::string, std::string, int, std::string>;
  Series& seriesOf(const api::Call& call);

  std::unique_ptr<Families> families_;
  std::mutex mutex_;
  /// Found without the hash over all labels that the library makes at each look.
  std::map<SeriesName, Series> series_;
};

}  // namespace fncard::server::operation

// SPDX-License-Identifier: Apache-2.0
#include "server/operation/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace fncard::server::operation {
namespace {

// seconds: from an answer out of memory to a registry that does not answer
const prometheus::Histogram::BucketBoundaries kTimes = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      prometheus::BuildCounter()
          .Name("fncard_requests_total")
          .Help("Answered requests, by the pattern of their path and the code of an error.")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& times =
      prometheus::BuildHistogram()
          .Name("fncard_request_seconds")
          .Help("Time from a whole request to its answer.")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& refused =
      prometheus::BuildCounter()
          .Name("fncard_refused_requests_total")
          .Help("Malformed, late and too large requests, and connections over the limit.")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& rateLimited =
      prometheus::BuildCounter()
          .Name("fncard_rate_limited_total")
          .Help("Requests over the rate limit of their client.")
          .Register(registry);
};

struct Metrics::Series {
  prometheus::Counter& requests;
  prometheus::Histogram& times;
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

Metrics::Series& Metrics::seriesOf(const api::Call& call) {
  const std::scoped_lock lock(mutex_);
  const SeriesName name{call.route, call.method, call.status, call.code};
  if (const auto found = series_.find(name); found != series_.end()) {
    return found->second;
  }
  Series made{.requests = families_->requests.Add({{"method", call.method},
                                                   {"route", call.route},
                                                   {"status", std::to_string(call.status)},
                                                   {"code", call.code}}),
              .times = families_->times.Add({{"route", call.route}}, kTimes)};
  return series_.emplace(name, made).first->second;
}

void Metrics::count(const api::Call& call) {
  Series& series = seriesOf(call);
  series.requests.Increment();
  series.times.Observe(std::chrono::duration<double>(call.time).count());
}

void Metrics::countRefusal(int status) {
  families_->refused.Add({{"status", std::to_string(status)}}).Increment();
}

void Metrics::countRateLimited(const std::string& limit) {
  families_->rateLimited.Add({{"limit", limit}}).Increment();
}

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(families_->registry.Collect());
}

}  // namespace fncard::server::operation

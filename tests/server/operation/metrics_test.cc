// SPDX-License-Identifier: Apache-2.0
#include "server/operation/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fncard::server::operation {
namespace {

using ::testing::HasSubstr;

TEST(Metrics, CountsCallsByRouteStatusAndCode) {
  Metrics metrics;
  const api::Call call{.method = "POST",
                       .route = "/api/v1/session",
                       .status = 403,
                       .code = "session.refused",
                       .time = std::chrono::milliseconds(7)};
  metrics.count(call);
  metrics.count(call);
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("# TYPE fncard_requests_total counter"));
  EXPECT_THAT(text, ::testing::ContainsRegex(
                        "fncard_requests_total\\{[^}]*code=\"session.refused\"[^}]*\\} 2"));
  EXPECT_THAT(text,
              HasSubstr("fncard_request_seconds_bucket{route=\"/api/v1/session\",le=\"0.005\"} 0"));
  EXPECT_THAT(text,
              HasSubstr("fncard_request_seconds_bucket{route=\"/api/v1/session\",le=\"0.01\"} 2"));
}

TEST(Metrics, CountsWhatNoHandlerSaw) {
  Metrics metrics;
  metrics.countRefusal(431);
  metrics.countRateLimited("secrets");
  EXPECT_THAT(metrics.text(), HasSubstr("fncard_refused_requests_total{status=\"431\"} 1"));
  EXPECT_THAT(metrics.text(), HasSubstr("fncard_rate_limited_total{limit=\"secrets\"} 1"));
}

}  // namespace
}  // namespace fncard::server::operation

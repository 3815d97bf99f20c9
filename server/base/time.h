// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/base/clock.h"

namespace fncard::server {

/// "2026-01-31T12:00:00Z", whole seconds.
std::string utcText(Time time);
std::optional<Time> parseUtcText(std::string_view text);

/// Seconds since 1970, as times are stored.
long long secondsOf(Time time);
Time timeOfSeconds(long long seconds);

/// A day of the calendar. Taipei has been at UTC+8 without summer time since 1980.
std::chrono::year_month_day taipeiDate(Time time);
/// "2026-01-31"
std::string dateText(std::chrono::year_month_day date);
std::optional<std::chrono::year_month_day> parseDateText(std::string_view text);
/// "2026/01/31 12:00:00" in Taipei, as the payment gateway writes times.
std::string taipeiText(Time time);

/// The last second of a day in Taipei.
Time endOfDay(std::chrono::year_month_day date);
/// Years completed at a date; who was born on 29 February completes one on 1 March.
int ageOn(std::chrono::year_month_day birth, std::chrono::year_month_day date);
/// The same day some years later; 29 February becomes the 28th.
std::chrono::year_month_day yearsLater(std::chrono::year_month_day date, int years);

}  // namespace fncard::server

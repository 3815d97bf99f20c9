// SPDX-License-Identifier: Apache-2.0
#include "server/base/time.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace fncard::server {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::chrono::hours kTaipeiAheadOfUtc{8};

std::optional<int> number(std::string_view digits) {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.front() == '-') {
    return std::nullopt;
  }
  return value;
}

std::string formatted(const char* format, Time time) {
  const sys_days day = floor<days>(time);
  const year_month_day date{day};
  const std::chrono::hh_mm_ss clock{floor<seconds>(time) - day};
  std::array<char, 64> text{};
  const int size = std::snprintf(
      text.data(), text.size(), format, static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

std::string utcText(Time time) {
  return formatted("%04d-%02u-%02uT%02d:%02d:%02dZ", time);
}

std::string taipeiText(Time time) {
  return formatted("%04d/%02u/%02u %02d:%02d:%02d", time + kTaipeiAheadOfUtc);
}

std::optional<Time> parseUtcText(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00Z";
  if (text.size() != kShape.size() || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
      text[19] != 'Z') {
    return std::nullopt;
  }
  const auto date = parseDateText(text.substr(0, 10));
  const auto hour = number(text.substr(11, 2));
  const auto minute = number(text.substr(14, 2));
  const auto second = number(text.substr(17, 2));
  if (!date || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) {
    return std::nullopt;
  }
  return sys_days(*date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         seconds(*second);
}

long long secondsOf(Time time) {
  return floor<seconds>(time).time_since_epoch().count();
}

Time timeOfSeconds(long long value) {
  return Time(seconds(value));
}

year_month_day taipeiDate(Time time) {
  return {floor<days>(time + kTaipeiAheadOfUtc)};
}

std::string dateText(year_month_day date) {
  std::array<char, 32> text{};
  const int size =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<year_month_day> parseDateText(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
    return std::nullopt;
  }
  const auto year = number(text.substr(0, 4));
  const auto month = number(text.substr(5, 2));
  const auto day = number(text.substr(8, 2));
  if (!year || !month || !day) {
    return std::nullopt;
  }
  const year_month_day date{std::chrono::year(*year),
                            std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day))};
  return date.ok() ? std::optional(date) : std::nullopt;
}

Time endOfDay(year_month_day date) {
  return sys_days(date) + days(1) - seconds(1) - kTaipeiAheadOfUtc;
}

int ageOn(year_month_day birth, year_month_day date) {
  const int years = static_cast<int>(date.year()) - static_cast<int>(birth.year());
  const bool hadBirthday =
      std::pair(date.month(), date.day()) >= std::pair(birth.month(), birth.day());
  return hadBirthday ? years : years - 1;
}

year_month_day yearsLater(year_month_day date, int years) {
  const year_month_day later = date + std::chrono::years(years);
  return later.ok() ? later : year_month_day(later.year() / later.month() / std::chrono::last);
}

}  // namespace fncard::server

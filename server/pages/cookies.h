// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "net/http.h"

/// Cookies that only this host gets, over TLS alone, and no script (RFC 6265bis §4.1.3.2: __Host-).
namespace fncard::server::pages {

inline constexpr std::string_view kSessionCookie = "__Host-fncard-session";
inline constexpr std::string_view kLanguageCookie = "__Host-fncard-language";

/// The value; empty when it is absent or there twice.
std::string cookieOf(const net::Request& request, std::string_view name);

enum class CookieLife { BrowserSession, Year };
/// Sets the answer's only cookie. The value is letters, digits, hyphens and dots.
void setCookie(net::Response& response, std::string_view name, std::string_view value,
               CookieLife life);
void clearCookie(net::Response& response, std::string_view name);

}  // namespace fncard::server::pages

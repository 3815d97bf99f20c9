// SPDX-License-Identifier: Apache-2.0
#include "server/pages/security.h"

namespace fncard::server::pages {

void secure(net::Response& response, const std::string& formTarget) {
  const std::string target = formTarget.empty() ? std::string() : " " + formTarget;
  response.headers["content-security-policy"] =
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action "
      "'self'" +
      target + "; frame-ancestors 'none'; base-uri 'none'";
  response.headers["x-content-type-options"] = "nosniff";
  // not no-referrer, with which browsers post our own forms with "Origin: null"
  response.headers["referrer-policy"] = "same-origin";
  response.headers["cross-origin-opener-policy"] = "same-origin-allow-popups";
  response.headers["cross-origin-resource-policy"] = "same-origin";
  response.headers["permissions-policy"] = "camera=(), geolocation=(), microphone=()";
  response.headers.try_emplace("cache-control", "no-store");
}

std::string originOf(const std::string& url) {
  const auto parsed = net::Url::parse(url);
  return parsed ? parsed->origin() : std::string();
}

Result<void> checkOrigin(const net::Request& request, const std::string& portalOrigin) {
  const std::string origin = originOf(request.header("origin"));
  if (origin.empty() || origin != portalOrigin) {
    return refused(403, "pages.foreign-form");
  }
  return {};
}

}  // namespace fncard::server::pages

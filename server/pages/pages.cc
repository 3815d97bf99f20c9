// SPDX-License-Identifier: Apache-2.0
#include "server/pages/pages.h"

#include <algorithm>
#include <array>
#include <memory>

#include "server/pages/files.h"
#include "server/pages/site.h"

namespace fncard::server::pages {
namespace {

std::string contentTypeOf(std::string_view name) {
  if (name.ends_with(".css")) {
    return "text/css; charset=utf-8";
  }
  return name.ends_with(".svg") ? "image/svg+xml" : "text/javascript; charset=utf-8";
}

void addAssets(Site& site) {
  for (const File& file : files()) {
    if (!file.name.starts_with("assets/")) {
      continue;
    }
    net::Response response =
        net::Response::bytes(200, contentTypeOf(file.name), std::string(file.content));
    // a new server's pages must not meet an old one's scripts for long
    response.headers["cache-control"] = "public, max-age=300";
    site.file("/" + std::string(file.name), std::move(response));
  }
}

}  // namespace

bool isPage(std::string_view path) {
  static constexpr std::array<std::string_view, 10> kFirstSegments = {
      "",        "sign-in",  "sign-out", "order",    "activation",
      "unblock", "computer", "privacy",  "language", "assets"};
  if (path == "/payment/return") {
    return true;
  }
  if (!path.starts_with('/')) {
    return false;
  }
  const std::string_view rest = path.substr(1);
  const std::string_view first = rest.substr(0, rest.find('/'));
  return std::ranges::find(kFirstSegments, first) != kFirstSegments.end() &&
         (!first.empty() || rest.empty());
}

net::Handler makeHandler(Services services, Options options, net::Handler next) {
  const auto site = std::make_shared<Site>(services, std::move(options), std::move(next));
  addSignInPages(*site);
  addOrderPages(*site);
  addPaymentPages(*site);
  addCardPages(*site);
  addInformationPages(*site);
  addAssets(*site);
  return [site](const net::Request& request) { return site->route(request); };
}

net::Handler onPlainListener(const std::string& portalUrl, net::Handler next) {
  return [portalUrl, next = std::move(next)](const net::Request& request) {
    if (!isPage(request.path())) {
      return next(request);
    }
    if (request.method != "GET" && request.method != "HEAD") {
      const auto language = messages::fromAcceptLanguage(request.header("accept-language"));
      return net::Response::text(403, messages::text(language, "request.tls-required") + "\n");
    }
    constexpr int kPermanently = 308;
    net::Response response = net::Response::text(kPermanently, "");
    response.headers["location"] = portalUrl + std::string(request.path());
    return response;
  };
}

}  // namespace fncard::server::pages

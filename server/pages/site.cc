// SPDX-License-Identifier: Apache-2.0
#include "server/pages/site.h"

#include <spdlog/spdlog.h>

#include <chrono>

#include "server/base/hash.h"
#include "server/pages/cookies.h"
#include "server/pages/security.h"
#include "server/pages/view.h"

namespace fncard::server::pages {
namespace {

constexpr const char* kFormToken = "formToken";

/// In their own languages, as a person looks for them.
nlohmann::json languageLinks(messages::Language current) {
  nlohmann::json links = nlohmann::json::array();
  for (const messages::Language language : messages::languages()) {
    links.push_back({{"tag", messages::tag(language)},
                     {"name", messages::text(language, "pages.language-name")},
                     {"current", language == current}});
  }
  return links;
}

std::string sentenceOf(messages::Language language, const Error& error) {
  messages::Parameters parameters;
  for (const auto& [name, value] : error.parameters) {
    parameters.emplace_back(name, value);
  }
  return messages::text(language, error.sentence.empty() ? error.code : error.sentence, parameters);
}

}  // namespace

messages::Language languageOf(const net::Request& request) {
  const auto chosen = messages::parseLanguage(cookieOf(request, kLanguageCookie));
  return chosen ? *chosen : messages::fromAcceptLanguage(request.header("accept-language"));
}

nlohmann::json layoutValues(const net::Request& request, messages::Language language) {
  const bool page = isPage(request.path()) && request.method != "POST";
  return {{"language", messages::tag(language)},
          {"languages", languageLinks(language)},
          {"here", page ? std::string(request.path()) : std::string("/")},
          {"signedIn", false},
          {"formToken", ""},
          {"script", false},
          {"problems", nlohmann::json::array()},
          {"wrong", false}};
}

Site::Site(Services services, Options options, net::Handler next)
    : services_(services),
      options_(std::move(options)),
      portalOrigin_(originOf(options_.portalUrl)),
      next_(std::move(next)) {
  router_.onUnknown([this](const net::Request& request, int status) {
    constexpr int kNotFound = 404;
    if (status == kNotFound && !isPage(request.path())) {
      return next_(request);
    }
    const Visit visit = visitOf(request);
    return errorPage(
        visit, {.status = status,
                .code = status == kNotFound ? "request.not-found" : "pages.method-not-allowed"});
  });
}

void Site::add(const std::string& method, const std::string& path,
               std::function<Answer(Visit&)> handler) {
  router_.add(method, path,
              [this, method, path, handler = std::move(handler)](
                  const net::Request& request, const net::Router::Parameters& /*none*/) {
                const auto start = std::chrono::steady_clock::now();
                Visit visit = visitOf(request);
                Answer answer = handler(visit);
                const std::string code = answer ? std::string() : answer.error().code;
                if (!answer && !answer.error().detail.empty()) {
                  spdlog::warn("{} {}: {}", method, path, answer.error().detail);
                }
                net::Response response = finish(visit, std::move(answer));
                report({.method = method,
                        .route = path,
                        .status = response.status,
                        .code = code,
                        .time = std::chrono::steady_clock::now() - start});
                return response;
              });
}

void Site::report(const api::Call& call) const {
  spdlog::info("request method={} route={} status={} code={} ms={}", call.method, call.route,
               call.status, call.code.empty() ? "-" : call.code,
               std::chrono::duration_cast<std::chrono::milliseconds>(call.time).count());
  if (options_.observer) {
    options_.observer(call);
  }
}

void Site::get(const std::string& path, Access access, PageHandler handler) {
  add("GET", path, [this, access, handler = std::move(handler)](Visit& visit) -> Answer {
    const auto signedIn = signIn(visit, access);
    return signedIn ? handler(visit) : Answer(tl::unexpected(signedIn.error()));
  });
}

void Site::post(const std::string& path, Access access, PageHandler handler) {
  add("POST", path, [this, access, handler = std::move(handler)](Visit& visit) -> Answer {
    const auto good = readForm(visit).and_then([&] { return signIn(visit, access); });
    return good ? handler(visit) : Answer(tl::unexpected(good.error()));
  });
}

void Site::postFromElsewhere(const std::string& path, PageHandler handler) {
  add("POST", path, std::move(handler));
}

void Site::file(const std::string& path, net::Response response) {
  secure(response, {});
  router_.add("GET", path,
              [response = std::move(response)](
                  const net::Request&, const net::Router::Parameters&) { return response; });
}

net::Response Site::route(const net::Request& request) const {
  return router_.route(request);
}

Visit Site::visitOf(const net::Request& request) const {
  Visit visit{.request = request,
              .language = languageOf(request),
              .token = cookieOf(request, kSessionCookie)};
  if (visit.token.empty()) {
    visit.token = session::BrowserSessions::visitorToken();
    visit.newToken = true;
  }
  return visit;
}

Result<void> Site::signIn(Visit& visit, Access access) const {
  auto order = services_.sessions.use(visit.token);
  if (order) {
    visit.order = *std::move(order);
    return {};
  }
  constexpr int kUnauthorized = 401;
  if (access == Access::Everybody && order.error().status == kUnauthorized) {
    return {};
  }
  return tl::unexpected(order.error());
}

Result<void> Site::readForm(Visit& visit) const {
  auto origin = checkOrigin(visit.request, portalOrigin_);
  if (!origin) {
    return origin;
  }
  auto form = PostedForm::read(visit.request);
  if (!form) {
    return tl::unexpected(form.error());
  }
  if (visit.newToken ||
      !equalSecrets(form->text(kFormToken), session::BrowserSessions::formToken(visit.token))) {
    return refused(403, "pages.form-expired");
  }
  visit.form.emplace(*std::move(form));
  return {};
}

net::Response Site::finish(const Visit& visit, Answer answer) const {
  constexpr int kUnauthorized = 401;
  net::Response response =
      answer ? *std::move(answer)
      : answer.error().status == kUnauthorized
          ? signInPage(*this, visit, kUnauthorized, {}, {{"", answer.error().code}})
          : errorPage(visit, answer.error());
  response.headers["content-language"] = messages::tag(visit.language);
  return response;
}

net::Response Site::page(const Visit& visit, int status, std::string_view name,
                         nlohmann::json values, const std::string& formTarget) const {
  nlohmann::json layout = layoutValues(visit.request, visit.language);
  layout.update(values);
  values = std::move(layout);
  values["signedIn"] = visit.order.has_value();
  values["formToken"] = session::BrowserSessions::formToken(visit.token);
  values["wrong"] = !values["problems"].empty();
  net::Response response = net::Response::html(status, render(visit.language, name, values));
  secure(response, formTarget);
  return response;
}

net::Response Site::errorPage(const Visit& visit, const Error& error) const {
  net::Response response = page(visit, error.status, "error",
                                {{"title", visit.text("pages.error-title")},
                                 {"sentence", sentenceOf(visit.language, error)},
                                 {"code", error.code}});
  if (error.retryAfter) {
    response.headers["retry-after"] = std::to_string(error.retryAfter->count());
  }
  return response;
}

net::Response Site::seeOther(const std::string& path) {
  net::Response response = net::Response::text(303, "");
  response.headers["location"] = path;
  response.headers["cache-control"] = "no-store";
  return response;
}

}  // namespace fncard::server::pages

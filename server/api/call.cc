// SPDX-License-Identifier: Apache-2.0
#include "server/api/call.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "messages/messages.h"
#include "server/base/time.h"
#include "server/store/errors.h"
#include "trust/openssl.h"

namespace fncard::server::api {
namespace {

Error unknownError(int status) {
  constexpr int kMethodNotAllowed = 405;
  return {.status = status,
          .code = status == kMethodNotAllowed ? "request.method-not-allowed" : "request.not-found"};
}

// A client's own word would be a series of its own in the metrics.
std::string knownMethod(const std::string& method) {
  static constexpr std::array<std::string_view, 7> kKnown = {"GET",    "HEAD",  "POST",   "PUT",
                                                             "DELETE", "PATCH", "OPTIONS"};
  return std::ranges::find(kKnown, method) != kKnown.end() ? method : "-";
}

bool isJson(std::string type) {
  type = type.substr(0, type.find(';'));
  type.erase(type.find_last_not_of(" \t") + 1);
  std::ranges::transform(type, type.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return type == "application/json";
}

/// A page of another site gets the person's cookies or an officer's TLS certificate added by the
/// browser. It cannot send this media type without asking first (CORS, which is never granted), nor
/// hide where it comes from.
Result<void> checkSender(const net::Request& request) {
  const std::string site = request.header("sec-fetch-site");
  const std::string origin = request.header("origin");
  if ((!site.empty() && site != "same-origin" && site != "none") ||
      (!origin.empty() && origin != "https://" + request.header("host") &&
       origin != "http://" + request.header("host"))) {
    return refused(403, "request.other-site");
  }
  return isJson(request.header("content-type")) ? Result<void>()
                                                : refused(415, "request.media-type");
}

bool isChange(const std::string& method, const std::string& pattern) {
  return pattern.starts_with("/api/") && method != "GET";
}

std::string dump(const nlohmann::json& body) {
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void Routes::report(Call call) const {
  spdlog::info("request method={} route={} status={} code={} ms={}", call.method, call.route,
               call.status, call.code.empty() ? "-" : call.code,
               std::chrono::duration_cast<std::chrono::milliseconds>(call.time).count());
  if (observer_) {
    observer_(call);
  }
}

void Routes::add(const std::string& method, const std::string& pattern, CallHandler handler) {
  router_.add(method, pattern,
              [this, method, pattern, handler = std::move(handler)](const net::Request& request,
                                                                    const Parameters& parameters) {
                const auto start = std::chrono::steady_clock::now();
                const auto sender =
                    isChange(method, pattern) ? checkSender(request) : Result<void>();
                auto answer =
                    sender ? handler(request, parameters) : Answer(tl::unexpected(sender.error()));
                const bool good = answer.has_value();
                report({.method = method,
                        .route = pattern,
                        .status = good ? answer->status : answer.error().status,
                        .code = good ? std::string() : answer.error().code,
                        .time = std::chrono::steady_clock::now() - start});
                if (good) {
                  return *std::move(answer);
                }
                if (!answer.error().detail.empty()) {
                  spdlog::warn("{} {}: {}", method, pattern, answer.error().detail);
                }
                return errorResponse(request, answer.error());
              });
}

void Routes::addOperatorPost(const std::string& pattern, const std::string& role,
                             OperatorHandler handler) {
  add("POST", pattern,
      [services = services_, role, handler](const net::Request& request,
                                            const Parameters& parameters) -> Answer {
        const auto name = operatorOf(services, request, role);
        if (!name) {
          return tl::unexpected(name.error());
        }
        auto body = JsonReader::parse(request.body);
        return body ? handler(services, {*body, *name, parameters})
                    : Answer(tl::unexpected(body.error()));
      });
}

net::Response Routes::unknown(const net::Request& request, int status) const {
  const Error error = unknownError(status);
  report(
      {.method = knownMethod(request.method), .route = "-", .status = status, .code = error.code});
  return errorResponse(request, error);
}

net::Response errorResponse(const net::Request& request, const Error& error) {
  const auto language = messages::fromAcceptLanguage(request.header("accept-language"));
  messages::Parameters parameters;
  for (const auto& [name, value] : error.parameters) {
    parameters.emplace_back(name, value);
  }
  const std::string& sentence = error.sentence.empty() ? error.code : error.sentence;
  const nlohmann::json body = {{"error",
                                {{"code", error.code},
                                 {"message", messages::text(language, sentence, parameters)},
                                 {"parameters", error.parameters}}}};
  net::Response response = net::Response::json(error.status, dump(body));
  response.headers["content-language"] = messages::tag(language);
  response.headers["cache-control"] = "no-store";
  if (error.retryAfter) {
    response.headers["retry-after"] = std::to_string(error.retryAfter->count());
  }
  return response;
}

net::Response json(int status, const nlohmann::json& body) {
  net::Response response = net::Response::json(status, dump(body));
  response.headers["cache-control"] = "no-store";
  return response;
}

Result<std::string> operatorOf(const Services& services, const net::Request& request,
                               const std::string& role) {
  if (!request.peerCertificate) {
    return refused(403, "operator.not-allowed");
  }
  const auto certificate = trust::openssl::decodedCertificate(*request.peerCertificate);
  if (!certificate) {
    return refused(403, "operator.not-allowed");
  }
  const auto found = services.store.operatorOf(
      trust::openssl::serialText(X509_get0_serialNumber(certificate.get())));
  if (!found && found.error().code != store::ErrorCode::NotFound) {
    return store::asError(found.error());
  }
  if (!found || found->withdrawnAt || found->role != role) {
    return refused(403, "operator.not-allowed");
  }
  return found->name;
}

Result<store::Order> applicantOf(const Services& services, const net::Request& request) {
  constexpr std::string_view kScheme = "Bearer ";
  constexpr std::size_t kLongestToken = 128;
  const std::string field = request.header("authorization");
  if (!field.starts_with(kScheme) || field.size() > kScheme.size() + kLongestToken) {
    return refused(401, "session.expired");
  }
  return services.signIn.orderOf(field.substr(kScheme.size()));
}

store::Idempotency idempotencyOf(JsonReader& body, const std::string& caller,
                                 const std::string& call) {
  return {.scope = caller + " " + call,
          .key = body.idempotencyKey(),
          .requestHash = body.contentHash()};
}

nlohmann::json timeOrNull(Time time) {
  return time == Time{} ? nlohmann::json(nullptr) : nlohmann::json(utcText(time));
}

nlohmann::json textOrNull(const std::string& text) {
  return text.empty() ? nlohmann::json(nullptr) : nlohmann::json(text);
}

net::Handler makeHandler(Services services, CallObserver observer) {
  const auto routes = std::make_shared<Routes>(services, std::move(observer));
  addRegistrationRoutes(*routes);
  addApplicantRoutes(*routes);
  addPaymentRoutes(*routes);
  addProductionRoutes(*routes);
  addActivationRoutes(*routes);
  addUnblockingRoutes(*routes);
  addStatusRoutes(*routes);
  addVerifyRoutes(*routes);
  routes->router().onUnknown([&routes = *routes](const net::Request& request, int status) {
    return routes.unknown(request, status);
  });
  return [routes](const net::Request& request) { return routes->router().route(request); };
}

}  // namespace fncard::server::api

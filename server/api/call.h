// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "net/server.h"
#include "server/api/api.h"
#include "server/base/json_reader.h"

/// What the routes have in common.
namespace fncard::server::api {

using Answer = Result<net::Response>;
using Parameters = net::Router::Parameters;
using CallHandler = std::function<Answer(const net::Request&, const Parameters&)>;
/// What an officer or a station posts.
struct OperatorCall {
  JsonReader& body;
  const std::string& name;  ///< the operator's
  const Parameters& parameters;
};
using OperatorHandler = Answer (*)(const Services&, const OperatorCall&);

/// The routes, each with its errors written as docs/api.md has them and one line in the log
/// (method, pattern, status, code, time; never a path, a header or a body).
class Routes {
 public:
  Routes(Services services, CallObserver observer)
      : services_(services), observer_(std::move(observer)) {}
  void add(const std::string& method, const std::string& pattern, CallHandler handler);
  /// A POST for operators of the role alone; nobody else's body is read.
  void addOperatorPost(const std::string& pattern, const std::string& role,
                       OperatorHandler handler);
  /// The same for a path or method that nobody has.
  net::Response unknown(const net::Request& request, int status) const;
  [[nodiscard]] const Services& services() const { return services_; }
  [[nodiscard]] net::Router& router() { return router_; }

 private:
  void report(Call call) const;

  Services services_;
  CallObserver observer_;
  net::Router router_;
};

void addRegistrationRoutes(Routes& routes);
void addApplicantRoutes(Routes& routes);
void addPaymentRoutes(Routes& routes);
void addProductionRoutes(Routes& routes);
void addActivationRoutes(Routes& routes);
void addUnblockingRoutes(Routes& routes);
void addStatusRoutes(Routes& routes);
void addVerifyRoutes(Routes& routes);

net::Response errorResponse(const net::Request& request, const Error& error);
net::Response json(int status, const nlohmann::json& body);

/// The name of the operator behind the request's client certificate, when it has the role and is
/// not withdrawn; 403 operator.not-allowed.
Result<std::string> operatorOf(const Services& services, const net::Request& request,
                               const std::string& role);
/// The order of Authorization: Bearer; 401 session.expired.
Result<store::Order> applicantOf(const Services& services, const net::Request& request);

/// Of the key in the body, for one caller and one call.
store::Idempotency idempotencyOf(JsonReader& body, const std::string& caller,
                                 const std::string& call);

/// "2026-01-31T12:00:00Z", or null for the epoch, which means that there is none.
nlohmann::json timeOrNull(Time time);
/// The text, or null for an empty one.
nlohmann::json textOrNull(const std::string& text);

}  // namespace fncard::server::api

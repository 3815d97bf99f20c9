// SPDX-License-Identifier: Apache-2.0
#include "server/pages/error_page.h"

#include "server/pages/security.h"
#include "server/pages/site.h"
#include "server/pages/view.h"

namespace fncard::server::pages {
namespace {

bool isOfPerson(const net::Request& request) {
  return request.header("accept").find("text/html") != std::string::npos &&
         !request.path().starts_with("/api/");
}

/// The error of docs/api.md that the answer is, or null.
nlohmann::json errorOf(const net::Response& response) {
  constexpr int kFirstError = 400;
  const auto type = response.headers.find("content-type");
  if (response.status < kFirstError || type == response.headers.end() ||
      !type->second.starts_with("application/json")) {
    return nullptr;
  }
  const auto body = nlohmann::json::parse(response.body, nullptr, false);
  return body.is_object() && body.contains("error") ? body["error"] : nlohmann::json(nullptr);
}

/// The error's own sentence speaks Accept-Language, and to a program.
std::string sentenceOf(messages::Language language, const nlohmann::json& error) {
  const std::string code = error["code"].get<std::string>();
  messages::Parameters parameters;
  for (const auto& [name, value] : error["parameters"].items()) {
    parameters.emplace_back(name, value.get<std::string>());
  }
  return messages::text(language,
                        code == "request.method-not-allowed" ? "pages.method-not-allowed" : code,
                        parameters);
}

}  // namespace

net::Response forPeople(const net::Request& request, net::Response response) {
  if (!isOfPerson(request)) {
    return response;
  }
  const nlohmann::json error = errorOf(response);
  if (error.is_null()) {
    return response;
  }
  const messages::Language language = languageOf(request);
  nlohmann::json values = layoutValues(request, language);
  values["title"] = messages::text(language, "pages.error-title");
  values["sentence"] = sentenceOf(language, error);
  values["code"] = error["code"];
  net::Response page = net::Response::html(response.status, render(language, "error", values));
  secure(page, {});
  // what the answer says besides, as Allow and Retry-After
  page.headers.merge(std::move(response.headers));
  page.headers["content-language"] = messages::tag(language);
  return page;
}

net::Handler forPeople(net::Handler handler) {
  return [handler = std::move(handler)](const net::Request& request) {
    return forPeople(request, handler(request));
  };
}

net::RefusalHandler forPeople(net::RefusalHandler handler) {
  return [handler = std::move(handler)](const net::Request& request, int status) {
    return forPeople(request, handler(request, status));
  };
}

}  // namespace fncard::server::pages

// SPDX-License-Identifier: Apache-2.0
#include "activation-client/settings.h"

#include "net/client.h"

namespace fncard::activation_client {
namespace {

const std::string& pick(const std::string& first, const std::string& second) {
  return first.empty() ? second : first;
}

bool isThisComputer(const std::string& host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1" || host == "[::1]";
}

}  // namespace

Settings merged(const Settings& commandLine, const Configuration& file) {
  return {
      .server = pick(commandLine.server, file.server),
      .trust = commandLine.server.empty() ? pick(commandLine.trust, file.trust) : commandLine.trust,
      .reader = pick(commandLine.reader, file.reader),
      .authorities = pick(commandLine.authorities, file.authorities)};
}

std::string_view faultOfServer(const std::string& server) {
  const auto url = net::Url::parse(server);
  if (!url) {
    return server.empty() ? "client.no-server" : net::messageCode(net::ErrorCode::InvalidUrl);
  }
  return url->tls || isThisComputer(url->host) ? "" : "client.server-not-secure";
}

}  // namespace fncard::activation_client

// SPDX-License-Identifier: Apache-2.0
#include "activation-client/cli/responder.h"

#include <chrono>

#include "net/client.h"

namespace fncard::activation_client {
namespace {

constexpr std::chrono::seconds kPatience{5};
constexpr std::size_t kLargestAnswer = std::size_t{64} * 1024;
constexpr int kOk = 200;

}  // namespace

documents::AskResponder responder(const Settings& settings, bool offline) {
  const net::ClientOptions options{
      .timeout = kPatience, .maxBodyBytes = kLargestAnswer, .trustFile = settings.trust};
  return [options, offline](const std::string& url,
                            const trust::Bytes& request) -> std::optional<trust::Bytes> {
    if (offline) {
      return std::nullopt;
    }
    const auto answer = net::Client(options).post(url, "application/ocsp-request",
                                                  std::string(request.begin(), request.end()));
    if (!answer || answer->status != kOk) {
      return std::nullopt;
    }
    return trust::Bytes(answer->body.begin(), answer->body.end());
  };
}

}  // namespace fncard::activation_client

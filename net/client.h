// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <semaphore>

#include "net/http.h"

namespace fncard::net {

struct ClientOptions {
  std::chrono::milliseconds timeout{10'000};  ///< for a whole exchange
  /// Exchanges at the same time, 0: any number. One more is a Timeout at once: when the other side
  /// hangs, not all threads of this program wait for it.
  unsigned atOnce = 0;
  std::size_t maxBodyBytes = std::size_t{4} * 1024 * 1024;
  std::string trustFile;             ///< PEM of CAs to trust; empty: the system's
  std::string certificateChainFile;  ///< client certificate, PEM; empty: none
  std::string privateKeyFile;        ///< PEM
};

/// Blocking HTTP/1.1 client. One connection an exchange; certificates and host names are always
/// checked.
class Client {
 public:
  explicit Client(ClientOptions options);
  /// The request's body is wiped in memory when it has been sent; the answer's is the caller's.
  /// request.target is ignored, url says it; Host, Content-Length and User-Agent are set here.
  [[nodiscard]] Result<Response> send(const std::string& url, Request request) const;
  [[nodiscard]] Result<Response> get(const std::string& url) const;
  [[nodiscard]] Result<Response> post(const std::string& url, std::string contentType,
                                      std::string body) const;

 private:
  ClientOptions options_;
  std::shared_ptr<std::counting_semaphore<>> places_;  ///< null: no limit
};

}  // namespace fncard::net

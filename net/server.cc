// SPDX-License-Identifier: Apache-2.0
#include "net/server.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <mutex>
#include <thread>
#include <vector>

#include "net/session.h"
#include "net/tls.h"

namespace fncard::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Beyond the limit so many more connections are told 503; what comes on top is closed unheard.
constexpr std::size_t kRefusalsAtOnce = 32;
// Of one address over its own limit.
constexpr std::size_t kRefusalsOfAnAddress = 4;
// When no file descriptor is left, accepting pauses instead of spinning.
constexpr std::chrono::milliseconds kAcceptPause{100};

class BeastServer final : public Server {
 public:
  BeastServer(ServerOptions options, Handler handler)
      : options_(std::move(options)),
        sessions_(std::make_shared<detail::Sessions>(options_, std::move(handler))) {}
  ~BeastServer() override { BeastServer::stop(); }
  BeastServer(const BeastServer&) = delete;
  BeastServer& operator=(const BeastServer&) = delete;

  Result<void> listen() {
    if (options_.tls) {
      auto context = detail::serverContext(*options_.tls);
      if (!context) {
        return tl::unexpected(context.error());
      }
      tls_.emplace(std::move(*context));
    }
    try {
      const tcp::endpoint endpoint(asio::ip::make_address(options_.address), options_.port);
      acceptor_.open(endpoint.protocol());
      acceptor_.set_option(tcp::acceptor::reuse_address(true));
      acceptor_.bind(endpoint);
      acceptor_.listen();
    } catch (const boost::system::system_error& error) {
      return tl::unexpected(Error{ErrorCode::ListenFailed, options_.address + " port " +
                                                               std::to_string(options_.port) +
                                                               ": " + error.code().message()});
    }
    port_ = acceptor_.local_endpoint().port();
    accept();
    for (unsigned i = 0; i < std::max(options_.threads, 1U); ++i) {
      threads_.emplace_back([this] { io_.run(); });
    }
    return {};
  }

  [[nodiscard]] std::uint16_t port() const override { return port_; }

  void stop() override {
    const std::scoped_lock lock(stopMutex_);
    asio::post(acceptStrand_, [this] {
      stopped_ = true;
      error_code ignored;
      acceptor_.close(ignored);
      pause_.cancel();
      sessions_->stopAll();
    });
    for (std::thread& thread : threads_) {
      thread.join();
    }
    threads_.clear();
    sessions_->handlers.join();
  }

 private:
  void accept() {
    acceptor_.async_accept(
        asio::make_strand(io_),
        asio::bind_executor(acceptStrand_, [this](const error_code& error, tcp::socket socket) {
          if (stopped_ || error == asio::error::operation_aborted) {
            return;
          }
          if (error) {
            spdlog::warn("accept: {}", error.message());
            return acceptLater();
          }
          take(std::move(socket));
          accept();
        }));
  }

  void acceptLater() {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](const error_code& error) {
      if (!error && !stopped_) {
        accept();
      }
    });
  }

  void take(tcp::socket socket) {
    const Limits& limits = options_.limits;
    error_code ignored;
    const std::string address = socket.remote_endpoint(ignored).address().to_string();
    const auto open = sessions_->count(address);
    // without a bound of its own an address meets the one for all first
    const std::size_t most = limits.connectionsPerAddress > 0
                                 ? limits.connectionsPerAddress
                                 : limits.connections + kRefusalsAtOnce;
    if (open.all >= limits.connections + kRefusalsAtOnce ||
        open.ofAddress >= most + kRefusalsOfAnAddress) {
      return;
    }
    const bool full = open.all >= limits.connections || open.ofAddress >= most;
    const auto session =
        detail::makeSession(std::move(socket), tls_ ? &*tls_ : nullptr, sessions_, full);
    sessions_->add(session, address);
    session->run();
  }

  ServerOptions options_;
  std::optional<asio::ssl::context> tls_;
  std::shared_ptr<detail::Sessions> sessions_;
  asio::io_context io_;
  asio::strand<asio::io_context::executor_type> acceptStrand_ = asio::make_strand(io_);
  tcp::acceptor acceptor_{acceptStrand_};
  asio::steady_timer pause_{acceptStrand_};
  bool stopped_ = false;
  std::uint16_t port_ = 0;
  std::mutex stopMutex_;
  std::vector<std::thread> threads_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Handler handler) {
  auto server = std::make_unique<BeastServer>(std::move(options), std::move(handler));
  if (auto listening = server->listen(); !listening) {
    return tl::unexpected(listening.error());
  }
  return server;
}

}  // namespace fncard::net

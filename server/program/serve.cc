// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <condition_variable>
#include <filesystem>
#include <future>
#include <iostream>
#include <mutex>
#include <thread>

#include "server/api/api.h"
#include "server/program/commands.h"
#include "server/program/pem.h"

namespace fncard::server::program {
namespace {

constexpr std::chrono::seconds kTick{5};
constexpr std::chrono::seconds kSandboxTick{1};

/// Calls Office::tick() until it goes.
class Ticker {
 public:
  Ticker(Office& office, std::chrono::seconds interval)
      : thread_([this, &office, interval] { run(office, interval); }) {}
  ~Ticker() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  void run(Office& office, std::chrono::seconds interval) {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, interval, [this] { return stopping_; })) {
      lock.unlock();
      office.tick();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

sigset_t stopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

Outcome<std::unique_ptr<net::Server>> listen(std::uint16_t port, std::optional<net::TlsOptions> tls,
                                             net::Handler handler) {
  net::ServerOptions options{.port = port, .tls = std::move(tls)};
  auto server = net::Server::start(options, std::move(handler));
  if (!server) {
    return stop("The server cannot listen on port " + std::to_string(port) + ": " +
                server.error().detail + ".");
  }
  return *std::move(server);
}

Outcome<void> writePorts(const ServeOptions& options, const net::Server& plain,
                         const net::Server* tls) {
  if (options.portFile.empty()) {
    return {};
  }
  return replaceFile(options.portFile,
                     std::to_string(plain.port()) + "\n" +
                         (tls != nullptr ? std::to_string(tls->port()) + "\n" : std::string()),
                     Access::Everybody);
}

/// The listeners bind first, because their ports are in certificates and payment forms; requests
/// wait until the office is open.
struct Listeners {
  std::promise<net::Handler> opened;
  std::unique_ptr<net::Server> plain;
  std::unique_ptr<net::Server> tls;  ///< null without a TLS certificate
};

Outcome<void> startListeners(Listeners& listeners, const ServeOptions& options,
                             const Files& files) {
  const std::shared_future<net::Handler> opened = listeners.opened.get_future().share();
  const net::Handler handler = [opened](const net::Request& request) {
    return opened.get()(request);
  };
  const bool hasTls = std::filesystem::exists(files(kTlsCertificateFile));
  auto plain = listen(options.port, std::nullopt, hasTls ? api::onPlainListener(handler) : handler);
  if (!plain) {
    return tl::unexpected(plain.error());
  }
  listeners.plain = *std::move(plain);
  if (!hasTls) {
    return {};
  }
  auto tls = listen(options.tlsPort,
                    net::TlsOptions{.certificateChainFile = files(kTlsCertificateFile),
                                    .privateKeyFile = files(kTlsKeyFile),
                                    .clientCaFile = files(kOperatorsFile)},
                    handler);
  if (!tls) {
    // requests that wait already must not wait for ever
    listeners.opened.set_value([](const net::Request&) { return net::Response::text(503, ""); });
    return tl::unexpected(tls.error());
  }
  listeners.tls = *std::move(tls);
  return {};
}

void announce(const Listeners& listeners) {
  std::cout << "fncard-server listens on http://127.0.0.1:" << listeners.plain->port();
  if (listeners.tls) {
    std::cout << " and https://127.0.0.1:" << listeners.tls->port();
  }
  std::cout << std::endl;
}

}  // namespace

Outcome<void> serve(const ServeOptions& options) {
  // before any thread is made, so that none takes the signal
  const sigset_t signals = stopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  spdlog::set_default_logger(spdlog::stderr_logger_mt("fncard-server"));
  const Files files(std::filesystem::absolute(options.directory).lexically_normal().string());
  const auto configuration = readConfiguration(files);
  if (!configuration) {
    return tl::unexpected(configuration.error());
  }
  auto clock = makeClock(options.time, *configuration);
  if (!clock) {
    return tl::unexpected(clock.error());
  }
  Listeners listeners;
  auto started = startListeners(listeners, options, files);
  if (!started) {
    return started;
  }
  Overrides overrides = options.overrides;
  overrides.baseUrl = "http://127.0.0.1:" + std::to_string(listeners.plain->port());
  auto office = Office::open(files, *configuration, *std::move(clock), overrides);
  if (!office) {
    listeners.opened.set_value([](const net::Request&) { return net::Response::text(503, ""); });
    return tl::unexpected(office.error());
  }
  listeners.opened.set_value((*office)->handler());
  auto written = writePorts(options, *listeners.plain, listeners.tls.get());
  if (!written) {
    return written;
  }
  announce(listeners);
  {
    const Ticker ticker(**office, configuration->sandbox ? kSandboxTick : kTick);
    int signal = 0;
    sigwait(&signals, &signal);
  }
  // running requests end before the office closes
  listeners.plain->stop();
  if (listeners.tls) {
    listeners.tls->stop();
  }
  return {};
}

}  // namespace fncard::server::program

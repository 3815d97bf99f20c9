// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <iostream>
#include <mutex>
#include <thread>

#include "server/api/api.h"
#include "server/operation/operation.h"
#include "server/pages/error_page.h"
#include "server/pages/pages.h"
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

Outcome<std::unique_ptr<net::Server>> listen(net::ServerOptions options, net::Handler handler) {
  const std::uint16_t port = options.port;
  auto server = net::Server::start(std::move(options), std::move(handler));
  if (!server) {
    return stop("The server cannot listen on port " + std::to_string(port) + ": " +
                server.error().detail + ".");
  }
  return *std::move(server);
}

/// The listeners bind first, because their ports are in certificates and payment forms; requests
/// wait until the office is open.
struct Listeners {
  std::promise<net::Handler> opened;
  std::unique_ptr<net::Server> plain;
  std::unique_ptr<net::Server> tls;      ///< null without a TLS certificate
  std::unique_ptr<net::Server> metrics;  ///< null where nobody wants them
  std::string portalUrl;                 ///< as configured, or the TLS listener's
};

Outcome<void> writePorts(const ServeOptions& options, const Listeners& listeners) {
  if (options.portFile.empty()) {
    return {};
  }
  std::string ports;
  for (const auto* server : {&listeners.plain, &listeners.tls, &listeners.metrics}) {
    ports += *server ? std::to_string((*server)->port()) + "\n" : std::string();
  }
  return replaceFile(options.portFile, ports, Access::Everybody);
}

Outcome<void> startMetrics(Listeners& listeners, const ServeOptions& options,
                           operation::Operation& operation) {
  if (!options.metricsPort) {
    return {};
  }
  auto server = listen({.port = *options.metricsPort, .handlers = 1}, operation.metricsHandler());
  if (!server) {
    return tl::unexpected(server.error());
  }
  listeners.metrics = *std::move(server);
  return {};
}

Outcome<void> startListeners(Listeners& listeners, const ServeOptions& options, const Files& files,
                             const net::Limits& limits, operation::Operation& operation) {
  const std::shared_future<net::Handler> opened = listeners.opened.get_future().share();
  const net::Handler handler = [opened](const net::Request& request) {
    return opened.get()(request);
  };
  net::ServerOptions server{
      .port = options.tlsPort,
      .limits = limits,
      .onRefusal = pages::forPeople(operation.refusals(operation::Listener::Tls))};
  if (std::filesystem::exists(files(kTlsCertificateFile))) {
    server.tls = net::TlsOptions{.certificateChainFile = files(kTlsCertificateFile),
                                 .privateKeyFile = files(kTlsKeyFile),
                                 .clientCaFile = files(kOperatorsFile)};
    auto tls =
        listen(server, pages::forPeople(operation.around(handler, operation::Listener::Tls)));
    if (!tls) {
      return tl::unexpected(tls.error());
    }
    listeners.tls = *std::move(tls);
    if (listeners.portalUrl.empty()) {
      listeners.portalUrl = "https://localhost:" + std::to_string(listeners.tls->port());
    }
  }
  // after the TLS listener, to whose address it sends browsers
  server.port = options.port;
  server.tls.reset();
  server.onRefusal = pages::forPeople(operation.refusals(operation::Listener::Plain));
  const net::Handler plainHandler =
      listeners.tls ? pages::onPlainListener(listeners.portalUrl, api::onPlainListener(handler))
                    : handler;
  auto plain =
      listen(server, pages::forPeople(operation.around(plainHandler, operation::Listener::Plain)));
  if (!plain) {
    // requests that wait already must not wait for ever
    listeners.opened.set_value([](const net::Request&) { return net::Response::text(503, ""); });
    return tl::unexpected(plain.error());
  }
  listeners.plain = *std::move(plain);
  return {};
}

/// Until SIGTERM, and what --drain asks for after it.
void waitForTheEnd(const sigset_t& signals, operation::Operation& operation,
                   unsigned drainSeconds) {
  int signal = 0;
  sigwait(&signals, &signal);
  operation.drain();
  if (drainSeconds > 0) {
    const timespec time{.tv_sec = static_cast<time_t>(drainSeconds), .tv_nsec = 0};
    sigtimedwait(&signals, nullptr, &time);
  }
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
  auto configuration = readConfiguration(files);
  if (!configuration) {
    return tl::unexpected(configuration.error());
  }
  for (const auto& [wanted, setting] :
       {std::pair{&options.overrides.registryUrl, &configuration->registryUrl},
        std::pair{&options.overrides.gatewayUrl, &configuration->gatewayUrl}}) {
    if (!wanted->empty()) {
      *setting = *wanted;
    }
  }
  if (auto complete = checkComplete(files, *configuration); !complete) {
    return complete;
  }
  auto clock = makeClock(options.time, *configuration);
  if (!clock) {
    return tl::unexpected(clock.error());
  }
  // the listeners end before what their handlers use
  std::unique_ptr<Office> office;
  std::atomic<Office*> opened = nullptr;
  operation::Operation operation(configuration->rateLimits, [&opened] {
    Office* open = opened;
    return open != nullptr && open->ready();
  });
  Listeners listeners{.portalUrl = configuration->portalUrl};
  auto started = startMetrics(listeners, options, operation);
  if (started) {
    started = startListeners(listeners, options, files, configuration->limits, operation);
  }
  if (!started) {
    return started;
  }
  Overrides overrides = options.overrides;
  overrides.baseUrl = "http://127.0.0.1:" + std::to_string(listeners.plain->port());
  overrides.portalUrl =
      listeners.portalUrl.empty() ? overrides.baseUrl : std::move(listeners.portalUrl);
  auto made = Office::open(files, *configuration, *std::move(clock), overrides);
  if (!made) {
    listeners.opened.set_value([](const net::Request&) { return net::Response::text(503, ""); });
    return tl::unexpected(made.error());
  }
  office = *std::move(made);
  listeners.opened.set_value(office->handler(
      [&metrics = operation.metrics()](const api::Call& call) { metrics.count(call); }));
  opened = office.get();
  auto written = writePorts(options, listeners);
  if (!written) {
    return written;
  }
  announce(listeners);
  {
    const Ticker ticker(*office, configuration->sandbox ? kSandboxTick : kTick);
    waitForTheEnd(signals, operation, options.drainSeconds);
  }
  // running requests end before the office closes
  listeners.plain->stop();
  if (listeners.tls) {
    listeners.tls->stop();
  }
  if (listeners.metrics) {
    listeners.metrics->stop();
  }
  return {};
}

}  // namespace fncard::server::program

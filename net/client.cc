// SPDX-License-Identifier: Apache-2.0
#include "net/client.h"

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <future>
#include <optional>
#include <thread>

#include "net/tls.h"

namespace fncard::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kMaxHeaderBytes = 16 * 1024;

tl::unexpected<Error> failed(ErrorCode code, std::string detail) {
  return tl::unexpected(Error{code, std::move(detail)});
}

Error translate(const error_code& error) {
  ErrorCode code = ErrorCode::ConnectionLost;
  if (error == asio::error::timed_out) {
    code = ErrorCode::Timeout;
  } else if (error == asio::error::connection_refused ||
             error == asio::error::network_unreachable || error == asio::error::host_unreachable) {
    code = ErrorCode::Refused;
  } else if (error == http::error::body_limit || error == http::error::header_limit ||
             error == http::error::buffer_overflow) {
    code = ErrorCode::TooLarge;
  } else if (error == http::error::end_of_stream || error == http::error::partial_message ||
             error == asio::ssl::error::stream_truncated) {
    code = ErrorCode::ConnectionLost;
  } else if (error.category() == make_error_code(http::error::bad_method).category()) {
    code = ErrorCode::Malformed;
  } else if (error.category() == asio::error::get_ssl_category()) {
    code = ErrorCode::TlsFailed;
  }
  return {code, error.message()};
}

// One exchange. Asynchronous operations are run one at a time until they end or the deadline comes.
class Exchange {
 public:
  explicit Exchange(Clock::time_point deadline) : deadline_(deadline) {}

  asio::io_context& io() { return io_; }
  [[nodiscard]] Clock::time_point deadline() const { return deadline_; }

  // start is given the completion handler; giveUp must make the operation end soon.
  template <typename Start, typename GiveUp>
  error_code run(Start start, GiveUp giveUp) {
    std::optional<error_code> done;
    start([&done](const error_code& error, auto&&...) { done = error; });
    io_.restart();
    io_.run_until(deadline_);
    if (done) {
      return *done;
    }
    giveUp();
    io_.restart();
    io_.run();
    return asio::error::timed_out;
  }

 private:
  asio::io_context io_;
  Clock::time_point deadline_;
};

// getaddrinfo() cannot be stopped: it gets a thread of its own, which is left behind when it is too
// slow.
Result<std::vector<tcp::endpoint>> resolve(const Url& url, Clock::time_point deadline) {
  error_code notAnAddress;
  const auto address = asio::ip::make_address(url.host, notAnAddress);
  if (!notAnAddress) {
    return std::vector<tcp::endpoint>{tcp::endpoint(address, url.port)};
  }
  std::promise<std::pair<error_code, std::vector<tcp::endpoint>>> promise;
  auto future = promise.get_future();
  std::thread([promise = std::move(promise), host = url.host, port = url.port]() mutable {
    asio::io_context io;
    tcp::resolver resolver(io);
    error_code error;
    std::vector<tcp::endpoint> found;
    for (const auto& entry :
         resolver.resolve(host, std::to_string(port), tcp::resolver::numeric_service, error)) {
      found.push_back(entry.endpoint());
    }
    promise.set_value({error, std::move(found)});
  }).detach();
  if (future.wait_until(deadline) != std::future_status::ready) {
    return failed(ErrorCode::Timeout, "looking up " + url.host);
  }
  auto [error, found] = future.get();
  if (error || found.empty()) {
    return failed(ErrorCode::NameNotFound, url.host + ": " + error.message());
  }
  return found;
}

http::request<http::string_body> compose(const Url& url, Request request) {
  http::request<http::string_body> message;
  message.method_string(request.method);
  message.target(url.target);
  message.version(11);
  for (const auto& [name, value] : request.headers) {
    message.set(name, value);
  }
  const bool usualPort = url.port == (url.tls ? 443 : 80);
  const std::string origin = url.origin();
  const std::string authority = origin.substr(origin.find("//") + 2);
  message.set(http::field::host, usualPort ? authority.substr(0, authority.rfind(':')) : authority);
  message.set(http::field::user_agent, "fncard/" FNCARD_VERSION);
  message.keep_alive(false);
  message.body() = std::move(request.body);
  message.prepare_payload();
  return message;
}

Response convert(http::response<http::string_body> message) {
  Response response;
  response.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    std::string name(field.name_string());
    for (char& c : name) {
      c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    std::string& value = response.headers[name];
    value += (value.empty() ? "" : ", ") + std::string(field.value());
  }
  response.body = std::move(message.body());
  return response;
}

// Bodies may hold a user code or a transport PIN: what was read is wiped before the memory goes.
class WipedBuffer {
 public:
  WipedBuffer() = default;
  ~WipedBuffer() {
    buffer_.clear();
    const auto storage = buffer_.prepare(buffer_.capacity());
    OPENSSL_cleanse(storage.data(), storage.size());
  }
  WipedBuffer(const WipedBuffer&) = delete;
  WipedBuffer& operator=(const WipedBuffer&) = delete;
  beast::flat_buffer& get() { return buffer_; }

 private:
  beast::flat_buffer buffer_;
};

template <typename Stream, typename GiveUp>
Result<Response> talk(Exchange& exchange, Stream& stream, GiveUp giveUp,
                      const http::request<http::string_body>& message, std::size_t maxBodyBytes) {
  const error_code written =
      exchange.run([&](auto done) { http::async_write(stream, message, std::move(done)); }, giveUp);
  // A server may answer and close before it has read everything: what it said is worth more than
  // the broken pipe.
  if (written == asio::error::timed_out) {
    return tl::unexpected(translate(written));
  }
  WipedBuffer buffer;
  while (true) {
    http::response_parser<http::string_body> parser;
    parser.header_limit(kMaxHeaderBytes);
    parser.body_limit(maxBodyBytes);
    parser.skip(message.method() == http::verb::head);
    const error_code read = exchange.run(
        [&](auto done) { http::async_read(stream, buffer.get(), parser, std::move(done)); },
        giveUp);
    if (read) {
      return tl::unexpected(translate(written && read != asio::error::timed_out ? written : read));
    }
    if (parser.get().result_int() >= 200) {  // RFC 9110 §15.2: interim answers may come before
      return convert(parser.release());
    }
  }
}

Result<Response> talkTls(Exchange& exchange, tcp::socket socket, const Url& url,
                         const http::request<http::string_body>& message,
                         const ClientOptions& options) {
  auto context = detail::clientContext(options);
  if (!context) {
    return tl::unexpected(context.error());
  }
  asio::ssl::stream<tcp::socket> stream(std::move(socket), *context);
  if (!detail::expectHost(stream.native_handle(), url.host)) {
    return failed(ErrorCode::InvalidUrl, url.host);
  }
  const auto giveUp = [&stream] {
    error_code ignored;
    stream.next_layer().close(ignored);
  };
  const error_code shaken = exchange.run(
      [&](auto done) { stream.async_handshake(asio::ssl::stream_base::client, std::move(done)); },
      giveUp);
  if (shaken) {
    const long verdict = SSL_get_verify_result(stream.native_handle());
    if (verdict != X509_V_OK) {
      return failed(ErrorCode::CertificateRefused, X509_verify_cert_error_string(verdict));
    }
    Error error = translate(shaken);
    if (error.code != ErrorCode::Timeout) {
      error.code = ErrorCode::TlsFailed;
    }
    return tl::unexpected(error);
  }
  return talk(exchange, stream, giveUp, message, options.maxBodyBytes);
}

}  // namespace

Client::Client(ClientOptions options)
    : options_(std::move(options)),
      places_(options_.atOnce > 0 ? std::make_shared<std::counting_semaphore<>>(options_.atOnce)
                                  : nullptr) {}

Result<Response> Client::send(const std::string& url, Request request) const {
  const auto target = Url::parse(url);
  if (!target) {
    return tl::unexpected(target.error());
  }
  if (places_ && !places_->try_acquire()) {
    return tl::unexpected(Error{ErrorCode::Timeout, "too many exchanges with " + target->host});
  }
  const auto leave = [](std::counting_semaphore<>* places) { places->release(); };
  const std::unique_ptr<std::counting_semaphore<>, decltype(leave)> place(places_.get(), leave);
  Exchange exchange(Clock::now() + options_.timeout);
  const auto endpoints = resolve(*target, exchange.deadline());
  if (!endpoints) {
    return tl::unexpected(endpoints.error());
  }
  tcp::socket socket(exchange.io());
  const auto giveUp = [&socket] {
    error_code ignored;
    socket.close(ignored);
  };
  const error_code connected = exchange.run(
      [&](auto done) { asio::async_connect(socket, *endpoints, std::move(done)); }, giveUp);
  if (connected) {
    return tl::unexpected(translate(connected));
  }
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  auto message = compose(*target, std::move(request));
  auto response = target->tls ? talkTls(exchange, std::move(socket), *target, message, options_)
                              : talk(exchange, socket, giveUp, message, options_.maxBodyBytes);
  OPENSSL_cleanse(message.body().data(), message.body().size());
  return response;
}

Result<Response> Client::get(const std::string& url) const {
  Request request;
  request.method = "GET";
  return send(url, std::move(request));
}

Result<Response> Client::post(const std::string& url, std::string contentType,
                              std::string body) const {
  Request request;
  request.method = "POST";
  request.headers["content-type"] = std::move(contentType);
  request.body = std::move(body);
  return send(url, std::move(request));
}

}  // namespace fncard::net

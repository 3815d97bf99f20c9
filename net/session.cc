// SPDX-License-Identifier: Apache-2.0
#include "net/session.h"

#include <openssl/x509.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <optional>
#include <type_traits>
#include <utility>

#include "net/message.h"

namespace fncard::net::detail {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

using TlsStream = asio::ssl::stream<tcp::socket>;

// After the last answer what the peer still sends is read and dropped for this long, so that the
// answer is not lost in a reset (RFC 9112 §9.6).
constexpr std::chrono::milliseconds kLingerTime{1'000};
constexpr std::size_t kLingerBytes = std::size_t{1024} * 1024;

enum class Phase { Handshake, Header, Body, Answer, Closing };

template <typename Stream>
class HttpSession final : public Session, public std::enable_shared_from_this<HttpSession<Stream>> {
 public:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  HttpSession(Stream stream, std::shared_ptr<Sessions> sessions, bool refuse)
      : stream_(std::move(stream)),
        timer_(stream_.get_executor()),
        sessions_(std::move(sessions)),
        refuse_(refuse) {}

  void run() override {
    asio::dispatch(stream_.get_executor(), [self = this->shared_from_this()] { self->begin(); });
  }

  void stop() override {
    asio::post(stream_.get_executor(), [self = this->shared_from_this()] {
      self->stopping_ = true;
      if (self->phase_ != Phase::Answer) {
        self->close();
      }
    });
  }

 private:
  tcp::socket& socket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  void close() {
    disarm();
    error_code ignored;
    socket().close(ignored);
  }

  void arm(std::chrono::milliseconds time) {
    timer_.expires_after(time);
    timer_.async_wait([self = this->shared_from_this(), turn = ++turn_](const error_code& error) {
      if (!error && turn == self->turn_) {
        self->onTimer();
      }
    });
  }

  void disarm() {
    ++turn_;
    timer_.cancel();
  }

  // A request that has begun is told so (408); a connection that sent nothing just ends.
  void onTimer() {
    const bool begun =
        phase_ == Phase::Body ||
        (phase_ == Phase::Header && (buffer_.size() > 0 || (parser_ && parser_->got_some())));
    error_code ignored;
    if (begun) {
      late_ = true;
      socket().cancel(ignored);
    } else {
      close();
    }
  }

  void begin() {
    error_code ignored;
    socket().set_option(tcp::no_delay(true), ignored);
    const auto peer = socket().remote_endpoint(ignored);
    peerAddress_ = ignored ? std::string{} : peer.address().to_string();
    if constexpr (kTls) {
      arm(sessions_->limits.headerTime);
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](const error_code& error) {
                                if (error) {
                                  self->close();
                                } else {
                                  self->takePeerCertificate();
                                  self->readHeader();
                                }
                              });
    } else {
      readHeader();
    }
  }

  void takePeerCertificate() {
    if constexpr (kTls) {
      const std::unique_ptr<X509, decltype(&X509_free)> certificate(
          SSL_get1_peer_certificate(stream_.native_handle()), &X509_free);
      const int size = certificate ? i2d_X509(certificate.get(), nullptr) : 0;
      if (size > 0) {
        peerCertificate_.emplace(static_cast<std::size_t>(size));
        unsigned char* out = peerCertificate_->data();
        i2d_X509(certificate.get(), &out);
      }
    }
  }

  void readHeader() {
    phase_ = Phase::Header;
    late_ = false;
    request_ = Request{.peerAddress = peerAddress_, .peerCertificate = peerCertificate_};
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(sessions_->limits.headerBytes));
    parser_->body_limit(sessions_->limits.bodyBytes);
    arm(sessions_->limits.headerTime);
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](const error_code& error, std::size_t) {
          if (error) {
            self->onReadError(error);
          } else {
            self->onHeader();
          }
        });
  }

  void onReadError(const error_code& error) {
    if (late_) {
      return answerAndClose(408);
    }
    // the parser's own verdicts; anything else means that the peer or the network went
    const bool parserError =
        error.category() == make_error_code(http::error::bad_method).category();
    if (!parserError || error == http::error::end_of_stream ||
        error == http::error::partial_message) {
      return close();
    }
    answerAndClose(refusalOf(error));
  }

  void onHeader() {
    const auto& message = parser_->get();
    keepAlive_ = message.keep_alive();
    head_ = message.method() == http::verb::head;
    version_ = message.version();
    if (refuse_) {
      return answerAndClose(503);
    }
    if (const int status = takeHead(message, request_); status != 0) {
      return answerAndClose(status);
    }
    phase_ = Phase::Body;
    arm(sessions_->limits.requestTime);
    const auto expect = request_.headers.find("expect");
    if (expect != request_.headers.end() && lower(expect->second) == "100-continue" &&
        !parser_->is_done()) {
      return sendContinue();
    }
    readBody();
  }

  void sendContinue() {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(kContinue),
                      [self = this->shared_from_this()](const error_code& error, std::size_t) {
                        if (error) {
                          self->close();
                        } else {
                          self->readBody();
                        }
                      });
  }

  void readBody() {
    if (parser_->is_done()) {
      return handle();
    }
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](const error_code& error, std::size_t) {
                       if (error) {
                         self->onReadError(error);
                       } else {
                         self->handle();
                       }
                     });
  }

  void handle() {
    phase_ = Phase::Answer;
    disarm();
    request_.body = std::move(parser_->get().body());
    // On the handlers' threads, so that one that waits holds up nobody's reading and writing; the
    // guard keeps the connection's own threads until it is answered.
    asio::post(sessions_->handlers, [self = this->shared_from_this(),
                                     guard =
                                         asio::make_work_guard(stream_.get_executor())]() mutable {
      asio::post(self->stream_.get_executor(), [self, response = self->callHandler()]() mutable {
        self->answer(std::move(response));
      });
    });
  }

  Response callHandler() {
    try {
      return sessions_->handler(request_);
    } catch (const std::exception& error) {
      spdlog::error("a request: {}", error.what());  // its path may hold a number
    } catch (...) {
      spdlog::error("a request: not a standard exception");
    }
    return refusal(500);
  }

  Response refusal(int status) {
    if (sessions_->onRefusal) {
      try {
        return sessions_->onRefusal(request_, status);
      } catch (const std::exception& error) {
        spdlog::error("the answer {}: {}", status, error.what());
      }
    }
    return ownAnswer(status);
  }

  void answerAndClose(int status) {
    phase_ = Phase::Answer;
    keepAlive_ = false;
    if (request_.headers.empty()) {
      // what came of it, for the language of the answer
      static_cast<void>(takeHead(parser_->get(), request_));
    }
    answer(refusal(status));
  }

  void answer(Response response) {
    const bool bodyAllowed =
        response.status >= 200 && response.status != 204 && response.status != 304;
    if (head_ || !bodyAllowed) {
      http::response<http::empty_body> message;
      if (bodyAllowed) {
        message.content_length(response.body.size());
      }
      return write(std::move(message), response);
    }
    http::response<http::string_body> message;
    message.content_length(response.body.size());
    message.body() = std::move(response.body);
    write(std::move(message), response);
  }

  template <typename Message>
  void write(Message message, const Response& response) {
    message.version(version_);
    message.result(static_cast<unsigned>(response.status));
    message.set(http::field::date, httpDate());
    for (const auto& [name, value] : response.headers) {
      if (isFieldValue(name) && isFieldValue(value)) {
        message.set(name, value);
      } else {
        spdlog::error("an answer: a header field that is none was left out");
      }
    }
    message.keep_alive(keepAlive_ && !stopping_);
    arm(sessions_->limits.requestTime);
    const auto held = std::make_shared<Message>(std::move(message));
    http::async_write(
        stream_, *held,
        [self = this->shared_from_this(), held](const error_code& error, std::size_t) {
          if (error) {
            self->close();
          } else {
            self->afterAnswer(held->need_eof() || !held->keep_alive());
          }
        });
  }

  void afterAnswer(bool last) {
    head_ = false;
    if (!last && !stopping_) {
      return readHeader();
    }
    phase_ = Phase::Closing;
    arm(std::min(kLingerTime, sessions_->limits.requestTime));
    if constexpr (kTls) {
      stream_.async_shutdown(
          [self = this->shared_from_this()](const error_code&) { self->linger(); });
    } else {
      linger();
    }
  }

  void linger() {
    error_code error;
    socket().shutdown(tcp::socket::shutdown_send, error);
    if (error) {
      return close();
    }
    drop();
  }

  void drop() {
    socket().async_read_some(
        asio::buffer(dropped_),
        [self = this->shared_from_this()](const error_code& error, std::size_t count) {
          self->droppedCount_ += count;
          if (error || self->droppedCount_ > kLingerBytes) {
            self->close();
          } else {
            self->drop();
          }
        });
  }

  Stream stream_;
  asio::steady_timer timer_;
  std::uint64_t turn_ = 0;  // tells an old wait of the timer from the present one
  std::shared_ptr<Sessions> sessions_;
  bool refuse_;

  Phase phase_ = Phase::Handshake;
  bool stopping_ = false;
  bool late_ = false;
  bool keepAlive_ = false;
  bool head_ = false;
  unsigned version_ = 11;
  std::string peerAddress_;
  std::optional<std::vector<unsigned char>> peerCertificate_;

  beast::flat_buffer buffer_{std::size_t{64} * 1024};
  std::optional<http::request_parser<http::string_body>> parser_;
  Request request_;
  std::array<char, 4096> dropped_{};
  std::size_t droppedCount_ = 0;
};

}  // namespace

void Sessions::add(const std::shared_ptr<Session>& session, const std::string& address) {
  const std::scoped_lock lock(mutex_);
  sessions_.push_back({session, address});
}

Sessions::Count Sessions::count(const std::string& address) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(sessions_, [](const Held& held) { return held.session.expired(); });
  const auto same = std::ranges::count(sessions_, address, &Held::address);
  return {.all = sessions_.size(), .ofAddress = static_cast<std::size_t>(same)};
}

void Sessions::stopAll() {
  const std::scoped_lock lock(mutex_);
  for (const Held& held : sessions_) {
    if (const auto session = held.session.lock()) {
      session->stop();
    }
  }
}

std::shared_ptr<Session> makeSession(tcp::socket socket, asio::ssl::context* tls,
                                     std::shared_ptr<Sessions> sessions, bool refuse) {
  if (tls != nullptr) {
    return std::make_shared<HttpSession<TlsStream>>(TlsStream(std::move(socket), *tls),
                                                    std::move(sessions), refuse);
  }
  return std::make_shared<HttpSession<tcp::socket>>(std::move(socket), std::move(sessions), refuse);
}

}  // namespace fncard::net::detail

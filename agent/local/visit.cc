// SPDX-License-Identifier: Apache-2.0
#include "agent/local/visit.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

namespace fncard::agent {
namespace {

using agent_link::FrameReader;

/// The file that the process runs. For the person's eyes only: a process can become another program
/// after it has connected.
std::string programFileOf(pid_t process) {
  std::array<char, 4096> target{};
  const std::string link = "/proc/" + std::to_string(process) + "/exe";
  const ssize_t size = readlink(link.c_str(), target.data(), target.size());
  return size > 0 ? std::string(target.data(), static_cast<std::size_t>(size)) : std::string();
}

}  // namespace

Visit::Visit(agent_link::Connection connection, Desks desks, std::chrono::milliseconds readLimit,
             QObject* parent)
    : QObject(parent),
      socket_(std::move(connection.socket)),
      peer_(connection.peer),
      desks_(desks),
      notifier_(socket_.get(), QSocketNotifier::Read) {
  connect(&notifier_, &QSocketNotifier::activated, this, [this] { read(); });
  readLimit_.setSingleShot(true);
  connect(&readLimit_, &QTimer::timeout, this, [this] { end(); });
  readLimit_.start(readLimit);
}

Visit::~Visit() {
  if (withdraw_) {
    withdraw_();
  }
}

void Visit::read() {
  std::array<std::uint8_t, 4096> part{};
  const ssize_t count = recv(socket_.get(), part.data(), part.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
    return;
  }
  if (count <= 0) {
    end();
    return;
  }
  switch (reader_.feed({part.data(), static_cast<std::size_t>(count)})) {
    case FrameReader::State::Incomplete:
      return;
    case FrameReader::State::Complete:
      ask();
      return;
    case FrameReader::State::Malformed:
      answer(tl::unexpected(agent_link::Error::Refused));
      return;
  }
}

void Visit::ask() {
  readLimit_.stop();
  if (auto request = agent_link::parsePinRequest(reader_.payload())) {
    askPin(std::move(*request));
  } else if (auto call = native::parseCall(reader_.payload())) {
    askFor(std::move(*call));
  } else {
    answer(tl::unexpected(agent_link::Error::Refused));
  }
}

void Visit::askPin(agent_link::PinRequest request) {
  PinQuestion question{.request = std::move(request), .programFile = programFileOf(peer_.process)};
  const auto ticket =
      desks_.pins.ask(std::move(question), [this](const PinAnswer& given) { answer(given); });
  if (!ticket) {
    answer(tl::unexpected(agent_link::Error::Busy));
    return;
  }
  withdraw_ = [this, ticket] { desks_.pins.withdraw(*ticket); };
}

void Visit::askFor(native::Call call) {
  const auto ticket = desks_.requests.ask(
      call.request, [this, call](const operations::Result<operations::Answer>& given) {
        answer(native::encodeAnswer(call, given));
      });
  if (!ticket) {
    answer(native::encodeAnswer(call, tl::unexpected(operations::Refusal::Busy)));
    return;
  }
  withdraw_ = [this, ticket] { desks_.requests.withdraw(*ticket); };
}

void Visit::answer(const PinAnswer& given) {
  // a program's question is always for the PIN
  const card::SecretBytes frame =
      given && given->pin
          ? agent_link::encodePinAnswer(*given->pin)
          : agent_link::encodePinAnswer(given ? agent_link::Error::Refused : given.error());
  sendAndEnd(frame.bytes());
}

void Visit::answer(const std::string& json) {
  sendAndEnd(
      agent_link::encodeFrame({reinterpret_cast<const std::uint8_t*>(json.data()), json.size()}));
}

void Visit::sendAndEnd(ByteView frame) {
  // at most a few certificates, the first on this connection: it fits the socket's buffer, or
  // nobody is there any more
  (void)send(socket_.get(), frame.data(), frame.size(), MSG_NOSIGNAL);
  end();
}

void Visit::end() {
  notifier_.setEnabled(false);
  readLimit_.stop();
  if (const auto withdraw = std::exchange(withdraw_, nullptr)) {
    withdraw();
  }
  socket_ = agent_link::Descriptor();
  deleteLater();
}

}  // namespace fncard::agent

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

Visit::Visit(agent_link::Connection connection, PinDesk& desk, std::chrono::milliseconds readLimit,
             QObject* parent)
    : QObject(parent),
      socket_(std::move(connection.socket)),
      peer_(connection.peer),
      desk_(desk),
      notifier_(socket_.get(), QSocketNotifier::Read) {
  connect(&notifier_, &QSocketNotifier::activated, this, [this] { read(); });
  readLimit_.setSingleShot(true);
  connect(&readLimit_, &QTimer::timeout, this, [this] { end(); });
  readLimit_.start(readLimit);
}

Visit::~Visit() {
  if (ticket_) {
    desk_.withdraw(*ticket_);
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
  auto request = agent_link::parsePinRequest(reader_.payload());
  if (!request) {
    answer(tl::unexpected(agent_link::Error::Refused));
    return;
  }
  PinQuestion question{.request = std::move(*request), .programFile = programFileOf(peer_.process)};
  ticket_ = desk_.ask(std::move(question), [this](const PinAnswer& given) { answer(given); });
  if (!ticket_) {
    answer(tl::unexpected(agent_link::Error::Busy));
  }
}

void Visit::answer(const PinAnswer& given) {
  const card::SecretBytes frame =
      given ? agent_link::encodePinAnswer(*given) : agent_link::encodePinAnswer(given.error());
  // a dozen bytes, the first on this connection: they fit, or nobody is there any more
  (void)send(socket_.get(), frame.bytes().data(), frame.bytes().size(), MSG_NOSIGNAL);
  end();
}

void Visit::end() {
  notifier_.setEnabled(false);
  readLimit_.stop();
  if (ticket_) {
    desk_.withdraw(*std::exchange(ticket_, std::nullopt));
  }
  socket_ = agent_link::Descriptor();
  deleteLater();
}

}  // namespace fncard::agent

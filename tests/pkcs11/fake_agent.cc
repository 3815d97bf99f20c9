// SPDX-License-Identifier: Apache-2.0
#include "tests/pkcs11/fake_agent.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <filesystem>

#include "agent-link/frame.h"
#include "tests/card/support/memory_card.h"

namespace fncard::test {

FakeAgent::FakeAgent(Person person) : person_(std::move(person)), stop_(eventfd(0, EFD_CLOEXEC)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "fncard-agent-XXXXXX").string();
  folder_ = mkdtemp(pattern.data());
  const std::string path = folder_ + "/agent.sock";
  auto opened = agent_link::Listener::open(path);
  if (!opened) {
    ADD_FAILURE() << opened.error().detail;
    return;
  }
  listener_.emplace(std::move(*opened));
  setenv("FNCARD_AGENT_SOCKET", path.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
  thread_ = std::thread([this] { listen(); });
}

FakeAgent::~FakeAgent() {
  eventfd_write(stop_.get(), 1);
  if (thread_.joinable()) {
    thread_.join();
  }
  unsetenv("FNCARD_AGENT_SOCKET");  // NOLINT(concurrency-mt-unsafe)
  listener_.reset();
  std::filesystem::remove_all(folder_);
}

void FakeAgent::untilAsked(std::size_t times) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return questions_.size() >= times; });
}

void FakeAgent::untilGivenUp() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return givenUp_; });
}

std::vector<agent_link::PinRequest> FakeAgent::questions() {
  const std::lock_guard lock(mutex_);
  return questions_;
}

bool FakeAgent::untilReadable(int descriptor) {
  std::array<pollfd, 2> waited{
      {{.fd = descriptor, .events = POLLIN}, {.fd = stop_.get(), .events = POLLIN}}};
  poll(waited.data(), waited.size(), -1);
  return waited[1].revents == 0;
}

void FakeAgent::listen() {
  while (untilReadable(listener_->descriptor())) {
    if (auto connection = listener_->accept()) {
      serve(std::move(*connection));
    }
  }
}

void FakeAgent::serve(agent_link::Connection connection) {
  const int socket = connection.socket.get();
  agent_link::FrameReader reader(agent_link::kMaxRequest);
  auto state = agent_link::FrameReader::State::Incomplete;
  std::array<std::uint8_t, 512> piece{};
  while (state == agent_link::FrameReader::State::Incomplete && untilReadable(socket)) {
    const ssize_t size = recv(socket, piece.data(), piece.size(), 0);
    if (size <= 0) {
      return;
    }
    state = reader.feed(ByteView(piece).first(static_cast<std::size_t>(size)));
  }
  const auto question = agent_link::parsePinRequest(reader.payload());
  if (!question) {
    ADD_FAILURE() << "not a question";
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    questions_.push_back(*question);
  }
  changed_.notify_all();
  const Answer answer = person_(*question);
  if (const auto* pin = std::get_if<std::string>(&answer)) {
    const auto frame = agent_link::encodePinAnswer(card::testing::makePin(*pin));
    send(socket, frame.bytes().data(), frame.size(), MSG_NOSIGNAL);
  } else if (const auto* error = std::get_if<agent_link::Error>(&answer)) {
    const auto frame = agent_link::encodePinAnswer(*error);
    send(socket, frame.bytes().data(), frame.size(), MSG_NOSIGNAL);
  } else if (std::holds_alternative<Thinks>(answer) && untilReadable(socket)) {
    const std::lock_guard lock(mutex_);
    givenUp_ = true;
    changed_.notify_all();
  }
}

}  // namespace fncard::test

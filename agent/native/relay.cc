// SPDX-License-Identifier: Apache-2.0
#include "agent/native/relay.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <thread>

#include "agent-link/connect.h"
#include "agent-link/frame.h"
#include "agent/native/message.h"

namespace fncard::agent::native {
namespace {

using agent_link::Descriptor;
using agent_link::FrameReader;
using operations::Refusal;
using State = FrameReader::State;
using Clock = std::chrono::steady_clock;

/// Bytes of the agent's longest answer: a certificate of 16 KiB in base64 and what stands around
/// it.
constexpr std::size_t kMaxAnswer = std::size_t{64} * 1024;
constexpr std::array<std::uint8_t, 1> kCallNotTaken = {3};  // agent-link/README.md

ByteView bytesOf(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// To a pipe or a socket that may not block; false when nobody is there any more.
bool writeAll(int descriptor, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(descriptor, bytes.data(), bytes.size());
    if (count > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      pollfd waited{.fd = descriptor, .events = POLLOUT};
      (void)poll(&waited, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

/// What comes next, in pieces; nothing at the end or when it is broken.
std::optional<State> readPiece(int descriptor, FrameReader& reader) {
  std::array<std::uint8_t, 4096> part{};
  const ssize_t count = read(descriptor, part.data(), part.size());
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
    return State::Incomplete;
  }
  if (count <= 0) {
    return std::nullopt;
  }
  return reader.feed({part.data(), static_cast<std::size_t>(count)});
}

enum class Asked { Message, Nothing, Broken };

Asked readMessage(int input, FrameReader& reader) {
  bool anything = false;
  while (true) {
    const auto state = readPiece(input, reader);
    if (!state) {
      return anything ? Asked::Broken : Asked::Nothing;
    }
    if (*state != State::Incomplete) {
      return *state == State::Complete ? Asked::Message : Asked::Broken;
    }
    anything = true;
  }
}

/// The agent's answer; nothing when the agent or the browser went away, or said what they may not.
std::optional<Bytes> awaitAnswer(int agent, int input) {
  FrameReader reader(kMaxAnswer);
  std::array<pollfd, 2> waited = {
      {{.fd = agent, .events = POLLIN}, {.fd = input, .events = POLLIN}}};
  while (true) {
    if (poll(waited.data(), waited.size(), -1) < 0 && errno != EINTR) {
      return std::nullopt;
    }
    if (waited[1].revents != 0) {  // gone, or more than one message
      return std::nullopt;
    }
    if (waited[0].revents == 0) {
      continue;
    }
    const auto state = readPiece(agent, reader);
    if (!state || *state == State::Malformed) {
      return std::nullopt;
    }
    if (*state == State::Complete) {
      return Bytes(reader.payload().begin(), reader.payload().end());
    }
  }
}

std::optional<Descriptor> connected(const Relay& relay) {
  constexpr std::chrono::milliseconds kPause{20};
  auto agent = agent_link::connectToAgent();
  if (!agent && agent.error() == agent_link::Error::NoAgent && relay.startAgent()) {
    const auto end = Clock::now() + relay.startLimit;
    while (!agent && Clock::now() < end) {
      std::this_thread::sleep_for(kPause);
      agent = agent_link::connectToAgent();
    }
  }
  return agent ? std::optional(std::move(*agent)) : std::nullopt;
}

std::string answerFor(const Relay& relay, ByteView message) {
  const auto agent = connected(relay);
  if (!agent || !writeAll(agent->get(), agent_link::encodeFrame(message))) {
    return encodeFailure("agent.host-no-agent", relay.language);
  }
  const auto answer = awaitAnswer(agent->get(), relay.input);
  if (!answer) {
    return encodeFailure("agent.host-no-agent", relay.language);
  }
  if (std::equal(answer->begin(), answer->end(), kCallNotTaken.begin(), kCallNotTaken.end())) {
    return encodeRefusal(Refusal::BadRequest, relay.language);
  }
  return {answer->begin(), answer->end()};
}

}  // namespace

bool Relay::run() const {
  const auto say = [this](const std::string& json) {
    return writeAll(output, agent_link::encodeFrame(bytesOf(json)));
  };
  if (!say(encodeGreeting())) {
    return false;
  }
  FrameReader reader(kMaxMessage);
  switch (readMessage(input, reader)) {
    case Asked::Nothing:
      return true;
    case Asked::Broken:
      return say(encodeRefusal(Refusal::BadRequest, language));
    case Asked::Message:
      break;
  }
  return say(answerFor(*this, reader.payload()));
}

}  // namespace fncard::agent::native

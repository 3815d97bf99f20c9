// SPDX-License-Identifier: Apache-2.0
#include "agent-link/client.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <new>

#include "agent-link/connect.h"
#include "agent-link/descriptor.h"
#include "agent-link/frame.h"

namespace fncard::agent_link {
namespace {

using Clock = std::chrono::steady_clock;
using Done = tl::expected<void, Error>;

/// One question and its answer on a connection that does not block.
class Exchange {
 public:
  Exchange(int connection, Clock::time_point deadline, int cancel)
      : connection_(connection), deadline_(deadline), cancel_(cancel) {}

  Done send(ByteView bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ::send(connection_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count > 0) {
        bytes = bytes.subspan(static_cast<std::size_t>(count));
      } else if (const Done ready = again(POLLOUT); !ready) {
        return ready;
      }
    }
    return {};
  }

  Done receive(std::span<std::uint8_t> bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = recv(connection_, bytes.data(), bytes.size(), 0);
      if (count > 0) {
        bytes = bytes.subspan(static_cast<std::size_t>(count));
      } else if (count == 0) {
        return tl::unexpected(Error::NoAgent);
      } else if (const Done ready = again(POLLIN); !ready) {
        return ready;
      }
    }
    return {};
  }

 private:
  // After a call that moved nothing, by errno: waits until it is worth trying again.
  [[nodiscard]] Done again(short events) const {
    if (errno == EINTR) {
      return {};
    }
    return errno == EAGAIN ? wait(events) : tl::unexpected(Error::NoAgent);
  }

  [[nodiscard]] Done wait(short events) const {
    std::array<pollfd, 2> waited = {
        {{.fd = connection_, .events = events}, {.fd = cancel_, .events = POLLIN}}};
    while (true) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now());
      if (left.count() <= 0) {
        return tl::unexpected(Error::TimedOut);
      }
      const auto milliseconds = static_cast<int>(
          std::min<std::chrono::milliseconds::rep>(left.count(), std::numeric_limits<int>::max()));
      const int count = poll(waited.data(), waited.size(), milliseconds);
      if (count > 0 && waited[1].revents != 0) {
        return tl::unexpected(Error::Cancelled);
      }
      if (count > 0) {
        return {};
      }
      if (count < 0 && errno != EINTR) {
        return tl::unexpected(Error::NoAgent);
      }
    }
  }

  int connection_;
  Clock::time_point deadline_;
  int cancel_;
};

tl::expected<card::SecretBytes, Error> receiveAnswer(const Exchange& exchange) {
  std::array<std::uint8_t, kFrameHeader> header{};
  if (const Done done = exchange.receive(header); !done) {
    return tl::unexpected(done.error());
  }
  const std::size_t size = frameSize(header);
  if (size == 0 || size > kMaxPinAnswer) {
    return tl::unexpected(Error::Refused);
  }
  card::SecretBytes answer(size);
  if (const Done done = exchange.receive(answer.bytes()); !done) {
    return tl::unexpected(done.error());
  }
  return answer;
}

}  // namespace

tl::expected<card::Pin, Error> askPin(const PinRequest& request, Clock::time_point deadline,
                                      int cancel) {
  const auto connection = connectToAgent();
  if (!connection) {
    return tl::unexpected(connection.error());
  }
  const Exchange exchange(connection->get(), deadline, cancel);
  if (const Done sent = exchange.send(encodeFrame(encodePinRequest(request))); !sent) {
    return tl::unexpected(sent.error());
  }
  try {
    return receiveAnswer(exchange).and_then(
        [](card::SecretBytes answer) { return parsePinAnswer(std::move(answer)); });
  } catch (const std::bad_alloc&) {  // no locked memory: the PIN must not be anywhere else
    return tl::unexpected(Error::Refused);
  }
}

}  // namespace fncard::agent_link

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fncard::net {

/// A plain TCP connection to 127.0.0.1 that sends whatever a test likes. Reading gives up after ten
/// seconds, so that a server that forgets a connection fails the test instead of hanging it.
class RawConnection {
 public:
  /// from: the loopback address that the server sees as the peer's.
  explicit RawConnection(std::uint16_t port, const char* from = "127.0.0.1");
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  bool send(std::string_view text);  ///< false when the peer is gone
  void endSending();
  /// Everything until the peer closes; ends with "(gave up)" when it does not.
  std::string readAll();
  /// Up to and with this text.
  std::string readUntil(std::string_view end);

 private:
  int socket_;
};

}  // namespace fncard::net

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "card/wire/bytes.h"
#include "hw-sim/descriptor.h"

namespace fncard::hw_sim {

/// The connection to vpcd, the reader driver that waits for a card on a TCP port. Each message is a
/// two-byte big-endian length and that many bytes.
class VpcdLink {
 public:
  VpcdLink(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port) {}
  /// On a stream socket that is connected already; it cannot connect again.
  explicit VpcdLink(Descriptor socket) : socket_(std::move(socket)) {}

  /// true when there is a connection afterwards. host is an IPv4 address.
  bool connect();
  [[nodiscard]] bool connected() const { return socket_.valid(); }
  [[nodiscard]] int descriptor() const { return socket_.get(); }

  /// One message, at most 65,535 bytes; nothing, and no connection, when the other side closed or
  /// does not finish its message within five seconds.
  std::optional<Bytes> receive();
  bool send(ByteView message);

  /// Takes the card out. Returns when the reader has found its slot empty (two seconds at most), so
  /// that a card put in directly afterwards is seen as another insertion.
  enum class During { Idle, Command };
  void disconnect(During during);

  /// The exchange that is under way fails, and the reader finds the card there nevertheless.
  void interrupt();

 private:
  [[nodiscard]] Descriptor open() const;
  bool readExactly(std::uint8_t* out, std::size_t size);
  void hangUp();

  std::string host_;
  std::uint16_t port_ = 0;
  Descriptor socket_;
};

/// Single-byte messages that are not APDUs.
namespace vpcd {
inline constexpr std::uint8_t kPowerOff = 0;
inline constexpr std::uint8_t kPowerOn = 1;
inline constexpr std::uint8_t kReset = 2;
inline constexpr std::uint8_t kAnswerToReset = 4;
}  // namespace vpcd

}  // namespace fncard::hw_sim

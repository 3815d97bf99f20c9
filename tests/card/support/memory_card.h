// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/evp.h>

#include <map>
#include <memory>
#include <vector>

#include "card/piv/administration.h"

namespace fncard::card::testing {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

/// A PIV card in memory, only as much as the tests of this folder and of those above it need. The
/// whole simulated card, behind a real PC/SC service, is hw-sim/.
class MemoryCard {
 public:
  MemoryCard();

  /// One exchange: chaining, GET RESPONSE and, when wanted, extended length.
  wire::ResponseApdu process(ByteView command);
  /// What a reset or a power cut takes: selection, PIN, authentication, half commands.
  void losePower();
  /// Another program selected another application.
  void deselect() { losePower(); }
  /// The same with an application that has a PIN of its own under the same reference.
  void selectOtherWithPin() {
    losePower();
    otherSelected_ = true;
  }
  /// What another program does that selects the PIV application and verifies a PIN.
  void verifyByAnother(const Bytes& otherPin);

  bool extendedLength = true;
  Bytes pin;  ///< eight bytes, FF padded
  Bytes puk;
  unsigned pinTries = 3;
  unsigned pukTries = 3;
  std::map<std::uint32_t, Bytes> objects;  ///< by tag: what is inside 53
  std::map<std::uint8_t, Key> keys;        ///< by key reference
  piv::ManagementAlgorithm managementAlgorithm = piv::ManagementAlgorithm::TripleDes;
  Bytes managementKey;
  std::vector<std::uint8_t> instructions;  ///< of all commands since the test cleared it

  Bytes otherPin{'7', '7', '7', '7', '7', '7', 0xFF, 0xFF};  ///< of selectOtherWithPin()
  unsigned otherTries = 3;
  unsigned pinCommands = 0;  ///< VERIFY with data, whoever took it

  static constexpr unsigned kMaxTries = 3;

 private:
  using Response = wire::ResponseApdu;
  Response run(const wire::CommandApdu& command);
  Response select(const wire::CommandApdu& command);
  Response getData(const wire::CommandApdu& command) const;
  Response putData(const wire::CommandApdu& command);
  Response verify(const wire::CommandApdu& command);
  Response change(const wire::CommandApdu& command);
  Response resetRetryCounter(const wire::CommandApdu& command);
  Response generalAuthenticate(const wire::CommandApdu& command);
  Response authenticateHost(ByteView parts);
  Response generate(const wire::CommandApdu& command);
  Response setManagementKey(const wire::CommandApdu& command);
  Response piece(std::size_t limit);
  static Response check(Bytes& expected, unsigned& tries, ByteView given);

  bool selected_ = false;
  bool otherSelected_ = false;
  bool verified_ = false;
  bool freshlyVerified_ = false;
  bool administrator_ = false;
  Bytes witness_;
  Bytes chained_;
  Bytes pending_;
  wire::StatusWord pendingStatus_;
};

/// The eight bytes of a PIN.
Bytes padded(std::string_view pin);
Pin makePin(std::string text);

Key generateKey(KeyAlgorithm algorithm);
/// A self-signed certificate, DER, with this common name and, where there is one, a comment of any
/// length.
Bytes makeCertificate(EVP_PKEY* key, const std::string& commonName,
                      const std::string& comment = {});
/// True when signature is key's over SHA-256 of message.
bool verifySha256(EVP_PKEY* key, ByteView message, ByteView signature);

/// A card as the personalisation station leaves it: CHUID, three keys with certificates, Printed
/// Information. Keys are made once a process and algorithm.
std::unique_ptr<MemoryCard> personalisedCard(KeyAlgorithm algorithm,
                                             const std::string& cardNumber = "AB12345678901234");

}  // namespace fncard::card::testing

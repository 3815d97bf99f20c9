// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>

#include "card/error.h"
#include "card/pin.h"

namespace fncard::card {

/// What a key is for. PIV key references: 9C, 9D, 9E (SP 800-73-4 part 1 §3.5).
enum class KeyRole { Signature, KeyManagement, CardAuthentication };

/// Bytes of the largest certificate that is read from a card, decompressed.
inline constexpr std::size_t kMaxCertificate = std::size_t{16} * 1024;

/// SP 800-78-4 table 6-2; the RSA sizes above 2048 where the card has them.
enum class KeyAlgorithm { Rsa2048, Rsa3072, Rsa4096, EcP256, EcP384 };

/// Bytes of an RSA modulus, or of an EC coordinate.
std::size_t keySize(KeyAlgorithm algorithm);
bool isRsa(KeyAlgorithm algorithm);

/// What tells one card from another, readable without a PIN (from the CHUID).
struct CardIdentity {
  std::array<std::uint8_t, 16> guid{};
  std::string cardNumber;  ///< two letters and 14 digits (docs/card-profile.md), or empty on other
                           ///< issuers' cards
  std::string expiry;      ///< "YYYY-MM-DD", or empty

  friend bool operator==(const CardIdentity&, const CardIdentity&) = default;
};

/// SP 800-73-4 part 1 §3.3.5, the printed face; the card shows it after the PIN only.
struct PrintedInformation {
  std::string name;
  std::string expiry;
  std::string cardNumber;
};

struct PinStatus {
  bool verified = false;              ///< somebody verified it; says nothing about this program
  std::optional<unsigned> triesLeft;  ///< unknown when verified
  bool blocked = false;
};

/// One selected card application inside one PC/SC transaction: it exists only between Card::begin()
/// and its own destruction, so no APDU can be sent outside a transaction. Any call may return
/// CardRemoved.
class CardApplication {
 public:
  virtual ~CardApplication() = default;

  [[nodiscard]] virtual const CardIdentity& identity() const = 0;

  /// The X.509 certificate of a key, DER, decompressed, at most 16 KiB. ObjectNotFound when there
  /// is none. Read once for as long as the card is open; where the cache of this user has it, not
  /// at all.
  virtual Result<Bytes> readCertificate(KeyRole role) = 0;
  /// Where the cache gave the certificate, it is compared with the card's, once. CardRemoved when
  /// the card has another one by now: who was given the old one must look again.
  virtual Result<void> confirmCertificate(KeyRole /*role*/) { return {}; }

  /// NotLoggedIn unless verifyPin() came before in this transaction.
  virtual Result<PrintedInformation> readPrintedInformation() = 0;

  virtual Result<PinStatus> pinStatus() = 0;

  /// PinIncorrect (with triesLeft) or PinBlocked. Spends a try when the PIN is wrong.
  virtual Result<void> verifyPin(const Pin& pin) = 0;
  virtual Result<void> changePin(const Pin& current, const Pin& next) = 0;
  /// The card forgets that the PIN was given, whoever gave it. Unsupported by cards from before SP
  /// 800-73-4.
  virtual Result<void> logOut() { return failed(ErrorCode::Unsupported, "no way to log out"); }

  /// True when the PIN can be typed on the reader itself.
  virtual bool hasPinPad() { return false; }
  /// The same with the PIN pad of the reader, which waits about a minute for the person. Beside the
  /// errors above: Cancelled, PinEntryTimedOut, PinFormat (too short or too long), PinsDiffer, and
  /// Unsupported when the reader cannot. This program sees no PIN and sends none.
  virtual Result<void> verifyPinOnPad() { return failed(ErrorCode::Unsupported, "no PIN pad"); }
  virtual Result<void> changePinOnPad() { return failed(ErrorCode::Unsupported, "no PIN pad"); }

  /// The error's triesLeft counts the tries of the PUK.
  virtual Result<void> unblockPin(const Puk& puk, const Pin& next) = 0;
  virtual Result<void> changePuk(const Puk& current, const Puk& next) = 0;

  /// The raw private-key operation of a signature. input: for RSA the padded block of keySize()
  /// bytes, for EC the digest (at most keySize() bytes). Returns keySize() bytes, or the DER
  /// ECDSA-Sig-Value. The signature key wants verifyPin() directly before (NotLoggedIn otherwise);
  /// the card authentication key wants none. Where the key's certificate was read, a signature that
  /// it does not verify is never returned: CardRemoved when another card made it or the card has
  /// another certificate by now (confirmCertificate(), also when the card refuses the operation),
  /// CardFailed otherwise.
  virtual Result<Bytes> sign(KeyRole role, KeyAlgorithm algorithm, ByteView input) = 0;

  /// RSA: the padded block of keySize() bytes that decrypting input gives. Confirms the
  /// certificate before, as agree() does.
  virtual Result<SecretBytes> decipher(KeyRole role, KeyAlgorithm algorithm, ByteView input) = 0;

  /// EC: the x coordinate of the shared point, from an uncompressed point.
  virtual Result<SecretBytes> agree(KeyRole role, KeyAlgorithm algorithm, ByteView point) = 0;
};

}  // namespace fncard::card

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "card/error.h"
#include "card/wire/apdu.h"

namespace fncard::card {

/// A reader's own keypad, on which the PIN goes to the card without passing through the PC (PC/SC
/// part 10).
struct PinPad {
  bool canVerify = false;
  bool canModify = false;
  bool hasDisplay = false;
  std::uint8_t maxDigits = 8;  ///< of one PIN, where the reader says less
};

/// A PC/SC transaction, held until destroyed. The only thing that can send an APDU.
class Transaction {
 public:
  virtual ~Transaction() = default;
  /// One exchange on the wire, as it is: no chaining, no GET RESPONSE. bytes up to 65,544.
  virtual Result<wire::ResponseApdu> exchange(ByteView command) = 0;

  /// Nothing when the reader has no PIN pad. The driver is asked once a connection, the card never.
  virtual std::optional<PinPad> pinPad() { return std::nullopt; }
  /// Hands a PIN_VERIFY_STRUCTURE or PIN_MODIFY_STRUCTURE to the pad and waits for the person: the
  /// answer of the reader or of the card. Unsupported when the pad cannot.
  virtual Result<wire::ResponseApdu> verifyOnPad(ByteView /*structure*/) {
    return failed(ErrorCode::Unsupported, "no PIN pad");
  }
  virtual Result<wire::ResponseApdu> modifyOnPad(ByteView /*structure*/) {
    return failed(ErrorCode::Unsupported, "no PIN pad");
  }
};

/// A connection to the card in one reader. Leaves the card as it is when destroyed; never resets
/// it.
class Connection {
 public:
  virtual ~Connection() = default;
  /// Waits for the transactions of other programs, and of other threads on this connection, to end:
  /// a thread holds one at a time. reset (never null) is set when the card was
  /// reset since the last transaction: what was selected and verified is gone.
  virtual Result<std::unique_ptr<Transaction>> begin(bool* reset) = 0;
  /// The same without waiting: ReaderBusy when somebody else is in a transaction.
  virtual Result<std::unique_ptr<Transaction>> beginIfFree(bool* reset) { return begin(reset); }
  [[nodiscard]] virtual const std::string& readerName() const = 0;
};

struct ReaderState {
  std::string name;
  bool cardPresent = false;
  bool mute = false;             ///< a card that does not answer
  std::uint32_t eventCount = 0;  ///< grows with each insertion and removal, as PC/SC counts them
  Bytes atr;
};

/// Readers and cards of this PC: PC/SC, or a script in tests. Every method may be called from any
/// thread.
class ReaderService {
 public:
  virtual ~ReaderService() = default;
  /// NoService when pcscd does not run; an empty list when there is no reader.
  virtual Result<std::vector<ReaderState>> readers() = 0;
  virtual Result<std::unique_ptr<Connection>> connect(const std::string& readerName) = 0;
  /// Waits until a reader or a card comes or goes compared with known, cancelWait() is called
  /// (Cancelled), or the time is over (the unchanged list). Uses a context of its own.
  virtual Result<std::vector<ReaderState>> waitForChange(const std::vector<ReaderState>& known,
                                                         std::chrono::milliseconds limit) = 0;
  /// Ends the wait that is going on, or the next one when none is.
  virtual void cancelWait() = 0;
};

/// The PC/SC service of this PC. Never fails: without pcscd each call says NoService, and works
/// once it runs.
std::unique_ptr<ReaderService> makePcscService();

}  // namespace fncard::card

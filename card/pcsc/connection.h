// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "card/pcsc/context.h"
#include "card/pcsc/pin_pad_features.h"
#include "card/reader.h"

namespace fncard::card::pcsc {

/// One SCARDHANDLE with a context of its own, so that a long card operation never holds up another
/// reader or the listing of readers.
class PcscConnection final : public Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const std::string& readerName);
  PcscConnection(Context context, SCARDHANDLE card, DWORD protocol, std::string readerName);
  ~PcscConnection() override;
  PcscConnection(const PcscConnection&) = delete;
  PcscConnection& operator=(const PcscConnection&) = delete;

  Result<std::unique_ptr<Transaction>> begin(bool* reset) override;
  Result<std::unique_ptr<Transaction>> beginIfFree(bool* reset) override;
  [[nodiscard]] const std::string& readerName() const override { return readerName_; }

 private:
  friend class PcscTransaction;
  LONG beginTransaction();
  Result<wire::ResponseApdu> transmit(ByteView command);
  const PadFeatures& padFeatures();
  std::optional<PinPad> pinPad();
  Result<wire::ResponseApdu> onPad(std::optional<std::uint32_t> code, ByteView structure);
  LONG control(std::uint32_t code, ByteView input, Bytes& answer);
  void endTransaction();
  void setFree();

  Context context_;
  SCARDHANDLE card_;
  DWORD protocol_;
  std::string readerName_;
  OwnerProcess owner_;
  /// Where SCardTransmit writes; used inside a transaction only. As large as the largest answer:
  /// into a smaller one libpcsclite does not write what the card has answered already, and asking
  /// again would spend another PIN try.
  Bytes answer_;
  bool resetSeen_ = false;  ///< and not told yet; like what follows, of the thread that is busy_
  std::optional<PadFeatures> padFeatures_;
  std::optional<PinPad> pinPad_;

  // PC/SC lets the same handle begin twice: threads of this process are kept apart here
  std::mutex mutex_;
  std::condition_variable becameFree_;
  bool busy_ = false;
};

}  // namespace fncard::card::pcsc

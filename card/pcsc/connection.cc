// SPDX-License-Identifier: Apache-2.0
#include "card/pcsc/connection.h"

#include <reader.h>

#include <algorithm>
#include <utility>

#include "card/pcsc/pcsc_error.h"
#include "card/pin.h"

namespace fncard::card::pcsc {
namespace {

constexpr std::size_t kMaxAnswer = wire::kMaxExtendedResponse + 2;
constexpr std::size_t kMaxCommand = 65'544;
constexpr DWORD kProtocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
constexpr int kMaxReconnects = 3;
constexpr std::size_t kMaxControlAnswer = 264;  // of a reader: a list of features, a status word

}  // namespace

class PcscTransaction final : public Transaction {
 public:
  explicit PcscTransaction(PcscConnection& connection) : connection_(connection) {}
  ~PcscTransaction() override { connection_.endTransaction(); }
  PcscTransaction(const PcscTransaction&) = delete;
  PcscTransaction& operator=(const PcscTransaction&) = delete;

  Result<wire::ResponseApdu> exchange(ByteView command) override {
    return connection_.transmit(command);
  }
  std::optional<PinPad> pinPad() override { return connection_.pinPad(); }
  Result<wire::ResponseApdu> verifyOnPad(ByteView structure) override {
    return connection_.onPad(connection_.padFeatures().verifyPinDirect, structure);
  }
  Result<wire::ResponseApdu> modifyOnPad(ByteView structure) override {
    return connection_.onPad(connection_.padFeatures().modifyPinDirect, structure);
  }

 private:
  PcscConnection& connection_;
};

Result<std::unique_ptr<Connection>> PcscConnection::open(const std::string& readerName) {
  auto context = Context::establish();
  if (!context) {
    return tl::unexpected(context.error());
  }
  SCARDHANDLE card = 0;
  DWORD protocol = 0;
  const LONG code = SCardConnect(context->handle(), readerName.c_str(), SCARD_SHARE_SHARED,
                                 kProtocols, &card, &protocol);
  if (code == SCARD_W_REMOVED_CARD) {
    return failed(ErrorCode::NoCard, "SCardConnect: removed");
  }
  if (code != SCARD_S_SUCCESS) {
    return tl::unexpected(toError(code, "SCardConnect"));
  }
  return std::make_unique<PcscConnection>(std::move(*context), card, protocol, readerName);
}

PcscConnection::PcscConnection(Context context, SCARDHANDLE card, DWORD protocol,
                               std::string readerName)
    : context_(std::move(context)),
      card_(card),
      protocol_(protocol),
      readerName_(std::move(readerName)),
      answer_(kMaxAnswer) {}

PcscConnection::~PcscConnection() {
  if (owner_.isCurrent()) {
    SCardDisconnect(card_, SCARD_LEAVE_CARD);
  }
}

Result<std::unique_ptr<Transaction>> PcscConnection::begin(bool* reset) {
  *reset = false;
  if (!owner_.isCurrent()) {
    return failed(ErrorCode::CardRemoved, "connection of the parent process");
  }
  {
    std::unique_lock lock(mutex_);
    becameFree_.wait(lock, [this] { return !busy_; });
    busy_ = true;
  }
  const LONG code = beginTransaction();
  if (code != SCARD_S_SUCCESS) {
    setFree();
    return tl::unexpected(toConnectionError(code, "SCardBeginTransaction"));
  }
  *reset = std::exchange(resetSeen_, false);
  return std::make_unique<PcscTransaction>(*this);
}

Result<std::unique_ptr<Transaction>> PcscConnection::beginIfFree(bool* reset) {
  *reset = false;
  bool busy = false;
  {
    const std::scoped_lock lock(mutex_);
    busy = busy_;
  }
  if (!busy && owner_.isCurrent()) {
    // SCardBeginTransaction has no way not to wait. The ATR is answered by pcscd itself, and not at
    // all while another program is in a transaction; any other answer means that it is free
    BYTE atr[MAX_ATR_SIZE];
    DWORD size = sizeof(atr);
    busy = SCardGetAttrib(card_, SCARD_ATTR_ATR_STRING, atr, &size) == SCARD_E_SHARING_VIOLATION;
  }
  return busy ? failed(ErrorCode::ReaderBusy, "in a transaction of somebody else") : begin(reset);
}

LONG PcscConnection::beginTransaction() {
  for (int attempt = 0; attempt < kMaxReconnects; ++attempt) {
    LONG code = SCardBeginTransaction(card_);
    if (code != SCARD_W_RESET_CARD) {
      return code;
    }
    resetSeen_ = true;  // for the next begin() too when this one fails
    code = SCardReconnect(card_, SCARD_SHARE_SHARED, kProtocols, SCARD_LEAVE_CARD, &protocol_);
    if (code != SCARD_S_SUCCESS) {
      return code;
    }
  }
  return SCARD_W_RESET_CARD;
}

Result<wire::ResponseApdu> PcscConnection::transmit(ByteView command) {
  if (!owner_.isCurrent()) {
    return failed(ErrorCode::CardRemoved, "connection of the parent process");
  }
  if (command.size() > kMaxCommand) {
    return failed(ErrorCode::Internal, "command too long");
  }
  const SCARD_IO_REQUEST* protocol = protocol_ == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
  DWORD size = static_cast<DWORD>(answer_.size());
  const LONG code =
      SCardTransmit(card_, protocol, command.data(), static_cast<DWORD>(command.size()), nullptr,
                    answer_.data(), &size);
  if (code != SCARD_S_SUCCESS) {
    return tl::unexpected(toConnectionError(code, "SCardTransmit"));
  }
  const std::span<std::uint8_t> answer =
      std::span(answer_).first(std::min<std::size_t>(size, kMaxAnswer));
  auto response = wire::ResponseApdu::parse(answer);
  wipe(answer);     // it may be a plaintext
  if (!response) {  // some readers answer like this when the card goes in the middle of a command
    return failed(ErrorCode::CardMute, "answer without a status word");
  }
  return std::move(*response);
}

LONG PcscConnection::control(std::uint32_t code, ByteView input, Bytes& answer) {
  answer.resize(kMaxControlAnswer);
  DWORD size = 0;
  const LONG result = SCardControl(card_, code, input.data(), static_cast<DWORD>(input.size()),
                                   answer.data(), static_cast<DWORD>(answer.size()), &size);
  answer.resize(result == SCARD_S_SUCCESS ? std::min<std::size_t>(size, kMaxControlAnswer) : 0);
  return result;
}

/// Whatever goes wrong here, the reader is one without a pad: most drivers have never heard of it.
const PadFeatures& PcscConnection::padFeatures() {
  if (!padFeatures_ && owner_.isCurrent()) {
    Bytes answer;
    control(CM_IOCTL_GET_FEATURE_REQUEST, {}, answer);
    padFeatures_ = parseFeatures(answer);
  }
  if (!padFeatures_) {
    padFeatures_.emplace();
  }
  return *padFeatures_;
}

std::optional<PinPad> PcscConnection::pinPad() {
  const PadFeatures& features = padFeatures();
  if (!features.verifyPinDirect && !features.modifyPinDirect) {
    return std::nullopt;
  }
  if (!pinPad_) {
    PinPad pad{.canVerify = features.verifyPinDirect.has_value(),
               .canModify = features.modifyPinDirect.has_value()};
    Bytes answer;
    if (features.pinProperties && control(*features.pinProperties, {}, answer) == SCARD_S_SUCCESS) {
      applyPinProperties(answer, pad);
    }
    if (features.tlvProperties && control(*features.tlvProperties, {}, answer) == SCARD_S_SUCCESS) {
      applyTlvProperties(answer, pad);
    }
    pinPad_ = pad;
  }
  return pinPad_;
}

Result<wire::ResponseApdu> PcscConnection::onPad(std::optional<std::uint32_t> code,
                                                 ByteView structure) {
  if (!owner_.isCurrent()) {
    return failed(ErrorCode::CardRemoved, "connection of the parent process");
  }
  if (!code) {
    return failed(ErrorCode::Unsupported, "no PIN pad");
  }
  Bytes answer;
  const LONG result = control(*code, structure, answer);
  if (result != SCARD_S_SUCCESS) {
    return tl::unexpected(toConnectionError(result, "SCardControl"));
  }
  auto response = wire::ResponseApdu::parse(answer);
  if (!response) {
    return failed(ErrorCode::CardRemoved, "PIN pad without a status word");
  }
  return std::move(*response);
}

void PcscConnection::endTransaction() {
  if (owner_.isCurrent()) {
    SCardEndTransaction(card_, SCARD_LEAVE_CARD);
    setFree();
  }
}

void PcscConnection::setFree() {
  {
    const std::scoped_lock lock(mutex_);
    busy_ = false;
  }
  becameFree_.notify_one();
}

}  // namespace fncard::card::pcsc

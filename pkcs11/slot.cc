// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/slot.h"

namespace fncard::pkcs11 {

bool Slot::cardPresent() const {
  const std::lock_guard lock(stateMutex_);
  return cardPresent_;
}

std::shared_ptr<Token> Slot::update(const card::ReaderState* state) {
  const bool present = state != nullptr && state->cardPresent && !state->mute;
  const std::lock_guard lock(stateMutex_);
  const std::uint32_t count = state != nullptr ? state->eventCount : eventCount_;
  if (present == cardPresent_ && count == eventCount_) {
    return token_ && token_->gone() ? std::exchange(token_, nullptr) : nullptr;
  }
  // the count differs also when a card was changed for another between two looks
  event_ = event_ || present || cardPresent_;
  cardPresent_ = present;
  eventCount_ = count;
  foreignAt_.reset();
  if (token_) {
    token_->markGone();
  }
  return std::exchange(token_, nullptr);
}

bool Slot::takeEvent() {
  const std::lock_guard lock(stateMutex_);
  return std::exchange(event_, false);
}

Result<std::shared_ptr<Token>> Slot::token(const CardOpener& opener, const Settings& settings) {
  const std::lock_guard opening(openMutex_);
  std::uint32_t count = 0;
  {
    const std::lock_guard lock(stateMutex_);
    if (!cardPresent_) {
      return tokenNotPresent();
    }
    if (token_ && !token_->gone()) {
      return token_;
    }
    count = eventCount_;
    if (foreignAt_ == count) {
      return refuse(CKR_TOKEN_NOT_RECOGNIZED, "a card of another kind");
    }
  }
  auto opened = Token::open(opener, readerName_, settings);
  const std::lock_guard lock(stateMutex_);
  if (!opened) {
    if (opened.error().rv == CKR_TOKEN_NOT_RECOGNIZED) {
      foreignAt_ = count;
    }
    return opened.error().rv == CKR_DEVICE_REMOVED ? tokenNotPresent() : passOn(opened);
  }
  if (eventCount_ != count) {
    return deviceRemoved();  // changed while it was opened: the next call sees the new one
  }
  token_ = *opened;
  return token_;
}

}  // namespace fncard::pkcs11

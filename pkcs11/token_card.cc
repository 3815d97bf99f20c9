// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/token_card.h"

namespace fncard::pkcs11 {

void TokenCard::close() {
  std::unique_ptr<card::Card> closed;  // outlives the lock
  if (const std::unique_lock lock(mutex_, std::try_to_lock); lock) {
    closed = std::move(card_);
  }  // otherwise attempt() closes it when it is done
}

card::Error TokenCard::noted(card::Error error) {
  switch (error.code) {
    case card::ErrorCode::CardRemoved:
    case card::ErrorCode::NoService:
    case card::ErrorCode::NoReader:
    case card::ErrorCode::NoCard:
      gone_ = true;
      error.code = card::ErrorCode::CardRemoved;
      break;
    default:
      break;
  }
  return error;
}

}  // namespace fncard::pkcs11

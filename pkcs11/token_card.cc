// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/token_card.h"

namespace fncard::pkcs11 {

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

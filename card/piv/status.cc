// SPDX-License-Identifier: Apache-2.0
#include "card/piv/status.h"

#include "card/wire/bytes.h"

namespace fncard::card::piv {
namespace {

ErrorCode codeOf(wire::StatusWord status, After after) {
  if (const auto tries = status.triesLeft(); tries && after == After::Pin) {
    return *tries == 0 ? ErrorCode::PinBlocked : ErrorCode::PinIncorrect;
  }
  if (status == wire::sw::kAuthenticationBlocked && after == After::Pin) {
    return ErrorCode::PinBlocked;
  }
  if (status == wire::sw::kSecurityStatusNotSatisfied && after == After::Protected) {
    return ErrorCode::NotLoggedIn;
  }
  if (status == wire::sw::kNotFound || status == wire::sw::kReferenceNotFound) {
    return ErrorCode::ObjectNotFound;
  }
  if (status == wire::sw::kFunctionNotSupported || status == wire::sw::kIncorrectP1P2 ||
      status == wire::sw::kInstructionNotSupported || status == wire::sw::kClassNotSupported) {
    return ErrorCode::Unsupported;
  }
  return ErrorCode::CardFailed;
}

}  // namespace

Error toError(wire::StatusWord status, std::string_view what, After after) {
  const Bytes bytes{status.sw1(), status.sw2()};
  Error error{.code = codeOf(status, after),
              .detail = std::string(what) + " " + wire::toHex(bytes),
              .status = status};
  if (error.code == ErrorCode::PinIncorrect) {
    error.triesLeft = status.triesLeft();
  } else if (error.code == ErrorCode::PinBlocked) {
    error.triesLeft = 0;
  }
  return error;
}

bool isAnothers(wire::StatusWord status) {
  switch (status.sw1()) {
    case 0x67:
    case 0x68:
    case 0x6A:
    case 0x6B:
    case 0x6D:
    case 0x6E:
      return true;
    default:
      return status == wire::sw::kConditionsNotSatisfied || status.value() == 0x6986;
  }
}

}  // namespace fncard::card::piv

// SPDX-License-Identifier: Apache-2.0
#include "card/piv/status.h"

#include "card/wire/bytes.h"

namespace fncard::card::piv {
namespace {

ErrorCode codeOf(wire::StatusWord status) {
  if (const auto tries = status.triesLeft()) {
    return *tries == 0 ? ErrorCode::PinBlocked : ErrorCode::PinIncorrect;
  }
  if (status == wire::sw::kAuthenticationBlocked) {
    return ErrorCode::PinBlocked;
  }
  if (status == wire::sw::kSecurityStatusNotSatisfied) {
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

Error toError(wire::StatusWord status, std::string_view what) {
  const Bytes bytes{status.sw1(), status.sw2()};
  Error error{.code = codeOf(status),
              .detail = std::string(what) + " " + wire::toHex(bytes),
              .triesLeft = status.triesLeft(),
              .status = status};
  if (error.code == ErrorCode::PinBlocked) {
    error.triesLeft = 0;
  }
  return error;
}

}  // namespace fncard::card::piv

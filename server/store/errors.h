// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/base/error.h"
#include "server/store/types.h"

namespace fncard::server::store {

/// What a call answers for an error of the store that it has no better name for.
inline tl::unexpected<server::Error> asError(const Error& error) {
  switch (error.code) {
    case ErrorCode::NotFound:
      return refused(404, "request.not-found");
    case ErrorCode::IdempotencyConflict:
      return refused(409, "request.idempotency-conflict");
    case ErrorCode::Busy:
      return tryAgain(error.detail);
    case ErrorCode::WrongState:
      return refused(409, "request.wrong-state");
    case ErrorCode::OrderExists:
    case ErrorCode::NotUnique:
    case ErrorCode::Failed:
      break;
  }
  return failed(error.detail);
}

/// For a call that has its own code (409) for a state that it does not fit.
inline tl::unexpected<server::Error> asError(const Error& error, const char* wrongState) {
  return error.code == ErrorCode::WrongState ? refused(409, wrongState) : asError(error);
}

}  // namespace fncard::server::store

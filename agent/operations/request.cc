// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/request.h"

namespace fncard::agent::operations {

std::string_view messageCode(Refusal refusal) {
  switch (refusal) {
    case Refusal::BadRequest:
      return "agent.request-bad";
    case Refusal::Cancelled:
      return "agent.request-cancelled";
    case Refusal::TimedOut:
      return "agent.request-timed-out";
    case Refusal::Busy:
      break;
  }
  return "agent.request-busy";
}

}  // namespace fncard::agent::operations

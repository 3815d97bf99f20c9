// SPDX-License-Identifier: Apache-2.0
#include "activation-client/pin_change.h"

namespace fncard::activation_client {

card::Result<void> changePin(card::Card& card, const card::Pin& current, const card::Pin& next,
                             bool useLastTry) {
  const auto application = card.begin();
  if (!application) {
    return tl::unexpected(application.error());
  }
  // Asked again: another program may have spent a try meanwhile.
  const auto status = (*application)->pinStatus();
  if (!status) {
    return tl::unexpected(status.error());
  }
  if (status->triesLeft == 1U && !useLastTry) {
    return tl::unexpected(
        card::Error{.code = card::ErrorCode::LastTryNotConfirmed, .triesLeft = 1U});
  }
  return (*application)->changePin(current, next);
}

}  // namespace fncard::activation_client

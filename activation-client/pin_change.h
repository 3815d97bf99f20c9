// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/card.h"

namespace fncard::activation_client {

/// One operation of the card. LastTryNotConfirmed, and no try is spent, when one is left and the
/// person does not know it; other errors as CardApplication::changePin().
card::Result<void> changePin(card::Card& card, const card::Pin& current, const card::Pin& next,
                             bool useLastTry);

}  // namespace fncard::activation_client

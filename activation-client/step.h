// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "card/activation/transaction.h"

namespace fncard::activation_client {

/// The code of the line that tells of a step of activation or unblocking; empty for Done, of which
/// the last sentence says more.
std::string_view messageCode(card::activation::Step step);

}  // namespace fncard::activation_client

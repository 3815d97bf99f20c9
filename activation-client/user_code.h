// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace fncard::activation_client {

/// As a person types it: without spaces and hyphens, in upper case.
std::string normaliseUserCode(std::string_view typed);

/// Eight characters that a user code can have: there are no look-alikes among them (0 O, 1 I L, 2
/// Z, 5 S, 8 B, U V).
bool isUserCode(std::string_view normalised);

}  // namespace fncard::activation_client

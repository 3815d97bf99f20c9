// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace fncard::activation_client {

/// What is wrong with a UI or permit number (統一證號) before anybody is asked.
enum class PermitNumberFault { None, Format, CheckDigit };

/// The new form (a letter, 8 or 9, eight digits) and the old one (a letter, A to D, eight digits),
/// in upper case.
PermitNumberFault faultOf(std::string_view permitNumber);

/// As a person types it: without the spaces around it, in upper case.
std::string normalisePermitNumber(std::string_view typed);

}  // namespace fncard::activation_client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace fncard::server::registration {

/// The number of a residence permit (統一證號), in the form since 2021 (letter, 8 or 9, eight
/// digits) or the one before (two letters, the second A to D, eight digits).
enum class PermitNumberCheck { Good, WrongForm, WrongCheckDigit };
PermitNumberCheck checkPermitNumber(std::string_view number);

}  // namespace fncard::server::registration

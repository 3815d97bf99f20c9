// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "net/http.h"

namespace fncard::server::sandbox {

/// ECPay's CheckMacValue, written for the gateway's side alone: an error in server/payment must not
/// be cancelled by the same error here.
std::string checkValue(const net::Form& fields, const std::string& hashKey,
                       const std::string& hashIv);

}  // namespace fncard::server::sandbox

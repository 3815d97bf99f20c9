// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace fncard::server::payment {

/// Where the e-invoice (電子發票) goes: "mobile" (barcode /ABC1234), "citizen" (certificate
/// barcode), "donation" (code of 3 to 7 digits), "company" (統一編號, with its check digit) or
/// "paper" (no value).
bool isInvoiceValue(const std::string& kind, const std::string& value);

/// A company number of eight digits with a right check digit; 00000000 is none.
bool isCompanyNumber(const std::string& number);

}  // namespace fncard::server::payment

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/x509.h>

#include <string>
#include <string_view>

namespace fncard::server::issuance {

/// The name as it stands in a certificate: a commonName has at most 64 characters (RFC 5280
/// appendix A.1, ub-common-name); a longer one is cut at the end of a word.
std::string commonNameOf(std::string_view name);

/// Appends an attribute: country and serialNumber as PrintableString, all others as UTF8String (RFC
/// 5280 §4.1.2.4).
bool addAttribute(X509_NAME* name, int nid, const std::string& value);

/// C=TW, O=fncard reference, OU, CN: the reference authority's own names.
bool addAuthorityName(X509_NAME* name, const std::string& unit, const std::string& commonName);

bool isDigits(std::string_view text, std::size_t size);
bool isCardNumber(std::string_view text);  ///< two letters and 14 digits
bool isEmail(std::string_view text);       ///< an ASCII mailbox that fits rfc822Name
bool isPlainHttp(std::string_view url);    ///< http://, visible ASCII, at most 512 bytes

}  // namespace fncard::server::issuance

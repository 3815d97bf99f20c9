// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/error.h"

namespace fncard::card::piv {

inline constexpr std::size_t kMaxCertificate = std::size_t{16} * 1024;

/// The DER certificate in the content of tag 53 (SP 800-73-4 part 1 table 10: 70, 71), decompressed
/// when 71 says gzip. ObjectNotFound when the object is empty; Malformed above 16 KiB.
Result<Bytes> parseCertificateObject(ByteView content);

}  // namespace fncard::card::piv

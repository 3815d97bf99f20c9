// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/card_application.h"

namespace fncard::card::piv {

/// The DER certificate in the content of tag 53 (SP 800-73-4 part 1 table 10: 70, 71), decompressed
/// when 71 says gzip. ObjectNotFound when the object is empty; Malformed above 16 KiB, and for
/// bytes after the one compressed stream.
Result<Bytes> parseCertificateObject(ByteView content);

}  // namespace fncard::card::piv

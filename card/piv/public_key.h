// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/card_application.h"

namespace fncard::card::piv {

/// SubjectPublicKeyInfo (DER) of the public key template 7F49 that a card answers to GENERATE
/// ASYMMETRIC KEY PAIR (SP 800-73-4 part 2 §3.3.2). Malformed unless it is a key of that algorithm,
/// and for EC a point on the curve.
Result<Bytes> subjectPublicKeyInfo(KeyAlgorithm algorithm, ByteView answer);

}  // namespace fncard::card::piv

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/card_application.h"

namespace fncard::card {

/// Which key a certificate (DER) belongs to. Malformed when it is no certificate, Unsupported for a
/// key that the cards here do not have.
Result<KeyAlgorithm> keyAlgorithmOfCertificate(ByteView certificate);

}  // namespace fncard::card

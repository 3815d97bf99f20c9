// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "server/activation/card_proof.h"

namespace fncard::server::activation {

/// Whether the bytes are the canonical JSON of docs/activation.md for this transaction: members
/// sorted, no white space, nothing else. The time is the PC's and only has to be one.
bool isReceipt(const store::Bytes& receipt, const Challenge& challenge,
               const store::Bytes& signatureCertificate,
               const store::Bytes& keyManagementCertificate);

}  // namespace fncard::server::activation

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/piv/administration.h"

namespace fncard::card::piv {

std::size_t blockSize(ManagementAlgorithm algorithm);
std::size_t managementKeySize(ManagementAlgorithm algorithm);

/// One block of the card administration key's cipher in ECB, as the mutual authentication of
/// SP 800-73-4 part 2 appendix A.1 uses it. Internal for sizes that do not fit.
Result<SecretBytes> encryptBlock(ManagementAlgorithm algorithm, const SecretBytes& key,
                                 ByteView block);
Result<SecretBytes> decryptBlock(ManagementAlgorithm algorithm, const SecretBytes& key,
                                 ByteView block);

}  // namespace fncard::card::piv

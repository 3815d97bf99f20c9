// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pkcs11/certificate.h"

namespace fncard::pkcs11 {

/// The certificates above the given ones, from the files of a folder (DER, or PEM with one or
/// more): whose name, key identifier and key usage say that they issued one that is already there.
/// At most 8, of the first 64 files by name, of 64 KiB at most each. A folder that is not there,
/// and a file that is not a certificate or may not be read, are none. Nothing is said about trust.
std::vector<CertificateFields> authoritiesAbove(std::span<const CertificateFields> certificates,
                                                const std::string& folder);

}  // namespace fncard::pkcs11

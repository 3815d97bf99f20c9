// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "trust/certificate.h"

namespace fncard::documents {

/// Whom a relying party trusts, and who stands between.
struct Authorities {
  std::vector<trust::Bytes> roots;  ///< DER, self-issued
  std::vector<trust::Bytes> intermediates;
};

/// From a file, or the first 64 files by name of a folder: PEM with one or more certificates, or
/// DER, of 64 KiB at most each. What is no certificate is passed over.
Authorities readAuthorities(const std::string& fileOrFolder);

}  // namespace fncard::documents

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace fncard::documents {

using Bytes = std::vector<unsigned char>;

/// The largest document, as trust::SignedMessage takes it.
inline constexpr std::size_t kLargestDocument = std::size_t{1} << 30;

/// The message code of what is wrong: "documents.missing", "documents.too-large" (more than 1 GiB),
/// "documents.exists", "documents.unwritable".
template <typename T>
using FileResult = tl::expected<T, std::string>;

/// Whether something has this name.
bool isThere(const std::string& path);

/// A regular file; anything else counts as missing.
FileResult<Bytes> readDocument(const std::string& path);

/// SHA-256 of a file of any size.
FileResult<Bytes> digestDocument(const std::string& path);

/// The whole file or none: written beside its name first and synchronised. "documents.exists" when
/// there is one and replace is false; only a regular file or a link is replaced.
FileResult<void> writeDocument(const std::string& path, const Bytes& bytes, bool replace);

}  // namespace fncard::documents

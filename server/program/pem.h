// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "server/program/configuration.h"
#include "trust/openssl.h"

/// Certificates and keys in files.
namespace fncard::server::program {

enum class Access { OwnerOnly, Everybody };
/// A file that must not be there yet, complete or not at all, on the disk when it returns.
Outcome<void> writeNewFile(const std::string& path, const std::string& content, Access access);
/// Puts another content in the place of a file.
Outcome<void> replaceFile(const std::string& path, const std::string& content, Access access);

std::string pemOf(const issuance::Bytes& certificate);
/// The first certificate of a PEM file, DER.
Outcome<issuance::Bytes> readPemCertificate(const std::string& path);

/// A new P-256 key.
Outcome<trust::openssl::KeyPointer> makeKey();
issuance::Bytes publicKeyOf(EVP_PKEY* key);
/// PKCS#8 to a new file of mode 0600.
Outcome<void> writeKey(const std::string& path, EVP_PKEY* key);

}  // namespace fncard::server::program

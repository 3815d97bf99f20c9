// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "trust/certificate.h"

namespace fncard::documents {

/// A CMS AuthEnvelopedData (RFC 5083, AES-256-GCM, RFC 5084), DER, that the holder of each
/// certificate (DER, 1 to 16) can open: RSA by OAEP with SHA-256 (RFC 4055), EC by ECDH with
/// the X9.63 function over SHA-256 and AES-256 key wrap (RFC 5753). Malformed for anything that is
/// no certificate or too many, UnsupportedAlgorithm for another kind of key.
trust::Result<trust::Bytes> encrypt(const trust::Bytes& content,
                                    const std::vector<trust::Bytes>& recipients);

}  // namespace fncard::documents

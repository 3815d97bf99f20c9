// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "hw-sim/crypto.h"

/// Contents of data objects that a card is filled with (SP 800-73-4 part 1 §3.3 and appendix A).
namespace fncard::hw_sim {

/// 70 certificate, 71 00, FE; compressed: 70 gzip, 71 01, FE. Empty when compression fails.
Bytes certificateObject(ByteView der, bool compressed);

/// The whole 7E: AID and PIN usage policy 40 00, the application's own PIN alone (§3.3.2).
Bytes discoveryObject();

/// C1 keysWithOnCardCerts, C2 keysWithOffCardCerts, F3 offCardCertURL when there are keys off the
/// card, FE (§3.3.3). The URL is baseUrl / the SHA-256 of file.
Bytes keyHistoryObject(unsigned onCard, unsigned offCard, std::string_view baseUrl, ByteView file);

/// One SEQUENCE { keyReference, cert } of OffCardKeyHistoryFile.
Bytes keyHistoryEntry(std::uint8_t reference, ByteView certificate);

}  // namespace fncard::hw_sim

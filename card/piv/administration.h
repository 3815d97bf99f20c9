// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "card/card.h"

namespace fncard::card::piv {

/// Algorithm of the card administration key 9B (SP 800-78-4 table 6-2).
enum class ManagementAlgorithm : std::uint8_t {
  TripleDes = 0x03,
  Aes128 = 0x08,
  Aes192 = 0x0A,
  Aes256 = 0x0C
};

/// Object identifiers of the PIV data model (SP 800-73-4 part 1 table 3).
enum class Object : std::uint32_t {
  Chuid = 0x5FC102,
  Ccc = 0x5FC107,
  SignatureCertificate = 0x5FC10A,
  KeyManagementCertificate = 0x5FC10B,
  CardAuthenticationCertificate = 0x5FC101,
  PrintedInformation = 0x5FC109,
  Discovery = 0x7E,
  KeyHistory = 0x5FC10C,
  SecurityObject = 0x5FC106,
};

/// What only the personalisation station does. One transaction, like CardApplication, which it
/// extends.
class Administration {
 public:
  virtual ~Administration() = default;

  /// The same transaction's everyday commands (read back, PIN, PUK, sign to test a key).
  virtual CardApplication& application() = 0;

  /// Mutual authentication with 9B (SP 800-73-4 part 2 §3.2.4, appendix A.1).
  virtual Result<void> authenticate(ManagementAlgorithm algorithm, const SecretBytes& key) = 0;
  /// The common vendor command 00 FF FF FF; Unsupported on cards without it.
  virtual Result<void> setManagementKey(ManagementAlgorithm algorithm, const SecretBytes& key) = 0;
  /// Generates on the card; returns the public key as SubjectPublicKeyInfo, DER.
  virtual Result<Bytes> generateKey(KeyRole role, KeyAlgorithm algorithm) = 0;
  /// PUT DATA: content is what goes into tag 53.
  virtual Result<void> writeObject(Object object, ByteView content) = 0;
  /// GET DATA: what is inside tag 53. ObjectNotFound when empty.
  virtual Result<Bytes> readObject(Object object) = 0;
};

/// Begins administration of the card in a reader, blank or not. identity() of application() is
/// empty on a blank card.
Result<std::unique_ptr<Administration>> beginAdministration(ReaderService& service,
                                                            const std::string& readerName);

/// Object contents in the project's profile (docs/card-profile.md).
Bytes encodeChuid(const CardIdentity& identity);
Result<CardIdentity> parseChuid(ByteView content);
Bytes encodeCertificateObject(ByteView der);
Bytes encodePrintedInformation(const PrintedInformation& information);
Result<PrintedInformation> parsePrintedInformation(ByteView content);
Bytes encodeCcc(const CardIdentity& identity);

}  // namespace fncard::card::piv

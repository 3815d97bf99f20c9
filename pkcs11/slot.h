// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "card/reader.h"
#include "pkcs11/token.h"

namespace fncard::pkcs11 {

/// One reader. A slot stays for as long as the module is initialised, also when its reader goes:
/// applications (NSS) cannot shrink their list.
class Slot {
 public:
  Slot(CK_SLOT_ID id, std::string readerName) : id_(id), readerName_(std::move(readerName)) {}

  [[nodiscard]] CK_SLOT_ID id() const { return id_; }
  [[nodiscard]] const std::string& readerName() const { return readerName_; }
  [[nodiscard]] bool cardPresent() const;

  /// What the reader says now; null when the reader is gone. Notes an event. Gives the token up
  /// whose card went, for the caller to retire(), and null otherwise.
  [[nodiscard]] std::shared_ptr<Token> update(const card::ReaderState* state);

  /// Takes the event that update() noted (C_WaitForSlotEvent).
  bool takeEvent();

  /// The token of the card that is there, opened when it is new. CKR_TOKEN_NOT_PRESENT, or
  /// CKR_TOKEN_NOT_RECOGNIZED: a foreign card is asked once for each insertion.
  Result<std::shared_ptr<Token>> token(const CardOpener& opener, const Settings& settings);

 private:
  const CK_SLOT_ID id_;
  const std::string readerName_;

  mutable std::mutex stateMutex_;
  bool cardPresent_ = false;  // guarded by stateMutex_, as all below
  std::uint32_t eventCount_ = 0;
  bool event_ = false;
  std::shared_ptr<Token> token_;
  std::optional<std::uint32_t> foreignAt_;  // the event count of a card that is not ours

  std::mutex openMutex_;  // one thread opens the card; before stateMutex_
};

}  // namespace fncard::pkcs11

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <tl/expected.hpp>

#include "hw-sim/crypto.h"

namespace fncard::hw_sim {

/// A PIN or a PUK with its counter: eight bytes as the card compares them.
struct Reference {
  Bytes value;
  unsigned triesLeft = 3;
  unsigned triesLimit = 3;
};

struct ManagementKey {
  BlockCipher cipher = BlockCipher::TripleDes;
  Bytes key;
};

/// Everything that stays on the card without power. Secrets are in here: it is the card.
struct CardState {
  bool extendedLength = true;  ///< false: extended APDUs are refused with 6700
  std::uint32_t serial = 0;    ///< of the vendor command GET SERIAL
  Reference pin;
  Reference puk;
  Reference foreignPin;  ///< of the application beside PIV (foreign_application.h)
  ManagementKey management;
  std::map<std::uint8_t, PrivateKey> keys;  ///< by key reference: 9A, 9C, 9D, 9E, 82 to 95
  std::map<std::uint32_t, Bytes>
      objects;  ///< by tag: what GET DATA answers, with its 53 (or 7E, 7F61)
};

/// A card as bought (docs/card-profile.md): PIN 123456, PUK 12345678, the 3DES key known to all.
CardState blankCard(bool extendedLength);

/// A PIN in the card's form: padded with FF to eight bytes.
Bytes paddedPin(std::string_view digits);

/// The state as JSON, and back. Every member is checked; the error says which one is wrong.
std::string toJson(const CardState& state);
tl::expected<CardState, std::string> cardStateFromJson(std::string_view text);

/// What may be shown of a card: no PIN, no PUK, no key.
std::string describe(const CardState& state);
std::string describeAsJson(const CardState& state);

/// Where the card writes what must survive power loss. false: it could not, and the old state
/// still stands.
class StateStore {
 public:
  virtual ~StateStore() = default;
  virtual bool save(const CardState& state) = 0;
};

/// One JSON file of mode 0600, replaced as a whole: written beside it, synchronised, renamed, and
/// the folder synchronised, so that at every moment the old or the new card is there.
class StateFile : public StateStore {
 public:
  explicit StateFile(std::string path) : path_(std::move(path)) {}
  bool save(const CardState& state) override;
  /// At most 1 MiB is read.
  [[nodiscard]] tl::expected<CardState, std::string> load() const;

 private:
  std::string path_;
};

}  // namespace fncard::hw_sim

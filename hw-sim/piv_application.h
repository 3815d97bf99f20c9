// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "card/wire/apdu.h"
#include "hw-sim/card_memory.h"

namespace fncard::hw_sim {

/// The PIV card application, written from SP 800-73-4 part 2 alone: one command in, one response
/// out. Selection, chaining and GET RESPONSE are below it (SimulatedCard).
class PivApplication {
 public:
  explicit PivApplication(CardMemory& memory) : memory_(memory) {}

  /// Power lost, card reset, or another application selected: nobody is authenticated.
  void reset() { session_ = {}; }

  /// By its full name or a right-truncated one, down to the five bytes of the registered provider
  /// (ISO/IEC 7816-4 §8.2.1.2: partial DF name), which is what yubico-piv-tool sends.
  [[nodiscard]] static bool isNamedBy(ByteView name);

  /// Commands that may be chained (part 2 table 2), and the vendor's import of a key.
  [[nodiscard]] static bool canBeChained(std::uint8_t instruction);

  /// A whole command.
  wire::ResponseApdu process(const wire::CommandApdu& command);

  /// A part of a chain, GET RESPONSE, or a command that the card refused before it came here: the
  /// key for which the PIN must be given every time is no longer ready, unless it is a part of its
  /// own command.
  void interrupt(std::uint8_t instruction);

 private:
  /// What a GENERAL AUTHENTICATE with 9B left open for the next one.
  struct Challenge {
    enum class Kind { None, Witness, External } kind = Kind::None;
    Bytes plain;
  };
  /// Lost with power.
  struct Session {
    bool pinVerified = false;
    bool pinFresh = false;  ///< VERIFY was the command directly before this one
    bool managementAuthenticated = false;
    Challenge challenge;
  };

  wire::ResponseApdu dispatch(const wire::CommandApdu& command, bool pinFresh);

  // piv_objects.cc
  [[nodiscard]] static wire::ResponseApdu select(const wire::CommandApdu& command);
  [[nodiscard]] wire::ResponseApdu getData(const wire::CommandApdu& command) const;
  wire::ResponseApdu putData(const wire::CommandApdu& command);
  wire::ResponseApdu generateKey(const wire::CommandApdu& command);

  // piv_references.cc
  wire::ResponseApdu verify(const wire::CommandApdu& command);
  wire::ResponseApdu changeReferenceData(const wire::CommandApdu& command);
  wire::ResponseApdu resetRetryCounter(const wire::CommandApdu& command);
  wire::StatusWord replace(Reference CardState::*reference, ByteView value);

  // piv_authenticate.cc
  wire::ResponseApdu generalAuthenticate(const wire::CommandApdu& command, bool pinFresh);
  wire::ResponseApdu authenticateManagement(std::uint8_t algorithm, ByteView dynamicTemplate,
                                            const Challenge& open);
  [[nodiscard]] wire::ResponseApdu usePrivateKey(std::uint8_t reference, std::uint8_t algorithm,
                                                 ByteView dynamicTemplate) const;

  // piv_vendor.cc
  wire::ResponseApdu setManagementKey(const wire::CommandApdu& command);
  wire::ResponseApdu importKey(const wire::CommandApdu& command);
  [[nodiscard]] wire::ResponseApdu vendorVersion() const;
  [[nodiscard]] wire::ResponseApdu vendorSerial() const;

  [[nodiscard]] const CardState& state() const { return memory_.state(); }

  CardMemory& memory_;
  Session session_;
};

namespace piv {
/// With its version, part 1 §2.2.
inline constexpr std::array<std::uint8_t, 11> kApplicationId = {0xA0, 0x00, 0x00, 0x03, 0x08, 0x00,
                                                                0x00, 0x10, 0x00, 0x01, 0x00};
inline constexpr std::uint8_t kPinReference = 0x80;
inline constexpr std::uint8_t kPukReference = 0x81;
inline constexpr std::uint8_t kManagementKey = 0x9B;
inline constexpr std::uint8_t kAuthenticationKey = 0x9A;
inline constexpr std::uint8_t kSignatureKey = 0x9C;
inline constexpr std::uint8_t kKeyManagementKey = 0x9D;
inline constexpr std::uint8_t kCardAuthenticationKey = 0x9E;
inline constexpr std::uint8_t kFirstRetiredKey = 0x82;
inline constexpr std::uint8_t kLastRetiredKey = 0x95;
/// 9D and the twenty retired key management keys (part 1 table 4b).
bool isKeyManagementKey(std::uint8_t reference);
/// The keys that GENERATE ASYMMETRIC KEY PAIR makes: retired keys are imported.
bool isGeneratedKey(std::uint8_t reference);
/// Instruction bytes, SP 800-73-4 part 2 table 2 and the common vendor commands.
namespace instruction {
inline constexpr std::uint8_t kVerify = 0x20;
inline constexpr std::uint8_t kChangeReferenceData = 0x24;
inline constexpr std::uint8_t kResetRetryCounter = 0x2C;
inline constexpr std::uint8_t kGenerateKey = 0x47;
inline constexpr std::uint8_t kGeneralAuthenticate = 0x87;
inline constexpr std::uint8_t kSelect = 0xA4;
inline constexpr std::uint8_t kGetResponse = 0xC0;
inline constexpr std::uint8_t kGetData = 0xCB;
inline constexpr std::uint8_t kPutData = 0xDB;
inline constexpr std::uint8_t kVendorSerial = 0xF8;
inline constexpr std::uint8_t kVendorVersion = 0xFD;
inline constexpr std::uint8_t kVendorImportKey = 0xFE;
inline constexpr std::uint8_t kVendorSetManagementKey = 0xFF;
}  // namespace instruction
}  // namespace piv

}  // namespace fncard::hw_sim

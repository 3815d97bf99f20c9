// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/piv_application.h"

#include <utility>

namespace fncard::hw_sim {

namespace instruction = piv::instruction;
using wire::CommandApdu;
using wire::ResponseApdu;
namespace sw = wire::sw;

bool piv::isKeyManagementKey(std::uint8_t reference) {
  return reference == kKeyManagementKey ||
         (reference >= kFirstRetiredKey && reference <= kLastRetiredKey);
}

bool piv::isGeneratedKey(std::uint8_t reference) {
  return reference == kAuthenticationKey || reference == kSignatureKey ||
         reference == kKeyManagementKey || reference == kCardAuthenticationKey;
}

bool PivApplication::canBeChained(std::uint8_t instruction) {
  return instruction == instruction::kGeneralAuthenticate || instruction == instruction::kPutData ||
         instruction == instruction::kGenerateKey || instruction == instruction::kVendorImportKey;
}

void PivApplication::interrupt(std::uint8_t instruction) {
  if (instruction == instruction::kGeneralAuthenticate) {
    return;
  }
  session_.pinFresh = false;
  if (instruction != instruction::kGetResponse) {  // which may fetch the challenge itself
    session_.challenge = {};
  }
}

ResponseApdu PivApplication::process(const CommandApdu& command) {
  // "PIN always" (part 1 §3.3): only the command directly after VERIFY finds the PIN fresh
  const bool pinFresh = std::exchange(session_.pinFresh, false);
  if (command.ins != instruction::kGeneralAuthenticate) {
    session_.challenge = {};
  }
  return dispatch(command, pinFresh);
}

ResponseApdu PivApplication::dispatch(const CommandApdu& command, bool pinFresh) {
  switch (command.ins) {
    case instruction::kSelect:
      return select(command);
    case instruction::kGetData:
      return getData(command);
    case instruction::kPutData:
      return putData(command);
    case instruction::kGenerateKey:
      return generateKey(command);
    case instruction::kVerify:
      return verify(command);
    case instruction::kChangeReferenceData:
      return changeReferenceData(command);
    case instruction::kResetRetryCounter:
      return resetRetryCounter(command);
    case instruction::kGeneralAuthenticate:
      return generalAuthenticate(command, pinFresh);
    case instruction::kVendorSetManagementKey:
      return setManagementKey(command);
    case instruction::kVendorImportKey:
      return importKey(command);
    case instruction::kVendorVersion:
      return vendorVersion();
    case instruction::kVendorSerial:
      return vendorSerial();
    default:
      return {.status = sw::kInstructionNotSupported};
  }
}

}  // namespace fncard::hw_sim

// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/apdu_log.h"

#include <fcntl.h>
#include <unistd.h>

#include "hw-sim/piv_application.h"

namespace fncard::hw_sim {
namespace {

namespace instruction = piv::instruction;

constexpr std::size_t kHeaderSize = 4;
constexpr const char* kMask = "**";

std::uint8_t byteAt(ByteView bytes, std::size_t at) {
  return at < bytes.size() ? bytes[at] : 0;
}

/// By the instruction alone, whatever else is odd about the command: a mistyped class or length
/// must not bring a PIN into the log.
bool carriesSecret(ByteView command) {
  switch (byteAt(command, 1)) {
    case instruction::kVerify:
    case instruction::kChangeReferenceData:
    case instruction::kResetRetryCounter:
    case instruction::kVendorSetManagementKey:
    case instruction::kVendorImportKey:
      return true;
    case instruction::kGeneralAuthenticate:
      return byteAt(command, 3) == piv::kManagementKey;
    default:
      return false;
  }
}

/// Plain text of a decipherment, a shared secret, or administration's challenge and response.
bool answersSecret(ByteView command) {
  const std::uint8_t key = byteAt(command, 3);
  return byteAt(command, 1) == instruction::kGeneralAuthenticate &&
         (key == piv::kManagementKey || piv::isKeyManagementKey(key));
}

}  // namespace

ApduLog::~ApduLog() {
  if (file_ != nullptr) {
    (void)std::fclose(file_);
  }
}

bool ApduLog::open(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  file_ = file < 0 ? nullptr : ::fdopen(file, "a");
  return file_ != nullptr;
}

std::string ApduLog::maskedCommand(ByteView command) {
  if (!carriesSecret(command) || command.size() <= kHeaderSize + 1) {
    return wire::toHex(command);
  }
  return wire::toHex(command.first(kHeaderSize)) + kMask;
}

std::string ApduLog::maskedResponse(ByteView command, ByteView response, bool intact) {
  if (byteAt(command, 1) != instruction::kGetResponse) {
    secretPending_ = answersSecret(command);
  }
  if (!intact && secretPending_) {
    return kMask;
  }
  if (response.size() < 2) {
    return wire::toHex(response);
  }
  const ByteView data = response.first(response.size() - 2);
  std::string status = wire::toHex(response.subspan(data.size()));
  if (data.empty()) {
    return status;
  }
  return (secretPending_ ? kMask : wire::toHex(data)) + " " + status;
}

void ApduLog::exchange(ByteView command, ByteView response, bool intact) {
  const std::string in = maskedCommand(command);
  line("> " + in + " < " + maskedResponse(command, response, intact));
}

void ApduLog::unanswered(ByteView command) {
  line("> " + maskedCommand(command) + " <");
}

void ApduLog::event(const std::string& text) {
  line("# " + text);
}

void ApduLog::line(const std::string& text) {
  if (file_ != nullptr) {
    (void)std::fprintf(file_, "%s\n", text.c_str());
    (void)std::fflush(file_);
  }
}

}  // namespace fncard::hw_sim

// SPDX-License-Identifier: Apache-2.0
// Stands before libpcsclite's SCardTransmit, so that a worker can be killed (-9) in the middle of a
// transaction and not somewhere near it: at the exchange with the number in FNCARD_SOAK_DIE_AT.
#include <dlfcn.h>
#include <signal.h>
#include <unistd.h>
#include <winscard.h>

#include <atomic>
#include <charconv>

#include "tests/support/module_client.h"

namespace {

long diesAt() {
  const std::string text = fncard::test::environment("FNCARD_SOAK_DIE_AT");
  long number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) LONG SCardTransmit(
    SCARDHANDLE card, const SCARD_IO_REQUEST* sendHeader, LPCBYTE command, DWORD commandSize,
    SCARD_IO_REQUEST* receiveHeader, LPBYTE answer, LPDWORD answerSize) {
  // only the module has loaded the library, for itself: RTLD_NEXT does not find it
  static const auto kReal = reinterpret_cast<decltype(&SCardTransmit)>(
      dlsym(dlopen("libpcsclite.so.1", RTLD_NOW | RTLD_NOLOAD), "SCardTransmit"));
  static const long kDiesAt = diesAt();
  static std::atomic<long> count{0};
  if (++count == kDiesAt) {
    kill(getpid(), SIGKILL);
  }
  return kReal(card, sendHeader, command, commandSize, receiveHeader, answer, answerSize);
}

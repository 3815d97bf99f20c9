// SPDX-License-Identifier: Apache-2.0
// vpcd's reader, with a plug. vpcd's driver is always there, so that pcscd would never lose the
// reader; this one passes all on to the libifdvpcd.so beside it, until there is a file "unplugged"
// in the same folder: then it says that the device is gone. pcscd 1.9.9 makes the reader
// unavailable (SCARD_STATE_UNAVAILABLE) to its clients as long as that lasts. It drops a reader
// from its list only when udev tells that a USB device went, which a virtual one is not.
#include <dlfcn.h>
#include <unistd.h>

#include <string>

extern "C" {
#include <ifdhandler.h>
}

namespace {

/// The folder that this library was loaded from, with a slash.
const std::string& folder() {
  static const std::string path = [] {
    static const char anchor = 0;
    Dl_info info{};
    const std::string file = ::dladdr(&anchor, &info) != 0 ? info.dli_fname : "";
    return file.substr(0, file.rfind('/') + 1);
  }();
  return path;
}

bool isUnplugged() {
  return ::access((folder() + "unplugged").c_str(), F_OK) == 0;
}

/// vpcd's function of that name, or a reader that is gone when there is none.
template <typename Function, typename... Arguments>
RESPONSECODE callUnder(const char* name, Arguments... arguments) {
  static void* const library = ::dlopen((folder() + "libifdvpcd.so").c_str(), RTLD_NOW);
  auto* const under =
      library != nullptr ? reinterpret_cast<Function*>(::dlsym(library, name)) : nullptr;
  return under != nullptr ? under(arguments...) : IFD_NO_SUCH_DEVICE;
}

template <typename Function, typename... Arguments>
RESPONSECODE call(const char* name, Arguments... arguments) {
  return isUnplugged() ? IFD_NO_SUCH_DEVICE : callUnder<Function>(name, arguments...);
}

}  // namespace

#pragma GCC visibility push(default)

RESPONSECODE IFDHCreateChannelByName(DWORD lun, LPSTR device) {
  return call<decltype(IFDHCreateChannelByName)>("IFDHCreateChannelByName", lun, device);
}

RESPONSECODE IFDHCreateChannel(DWORD lun, DWORD channel) {
  return call<decltype(IFDHCreateChannel)>("IFDHCreateChannel", lun, channel);
}

/// Also of an unplugged reader: vpcd gives its port back.
RESPONSECODE IFDHCloseChannel(DWORD lun) {
  return callUnder<decltype(IFDHCloseChannel)>("IFDHCloseChannel", lun);
}

RESPONSECODE IFDHGetCapabilities(DWORD lun, DWORD tag, PDWORD length, PUCHAR value) {
  return call<decltype(IFDHGetCapabilities)>("IFDHGetCapabilities", lun, tag, length, value);
}

RESPONSECODE IFDHSetCapabilities(DWORD lun, DWORD tag, DWORD length, PUCHAR value) {
  return call<decltype(IFDHSetCapabilities)>("IFDHSetCapabilities", lun, tag, length, value);
}

RESPONSECODE IFDHSetProtocolParameters(DWORD lun, DWORD protocol, UCHAR flags, UCHAR pts1,
                                       UCHAR pts2, UCHAR pts3) {
  return call<decltype(IFDHSetProtocolParameters)>("IFDHSetProtocolParameters", lun, protocol,
                                                   flags, pts1, pts2, pts3);
}

RESPONSECODE IFDHPowerICC(DWORD lun, DWORD action, PUCHAR atr, PDWORD atrLength) {
  return call<decltype(IFDHPowerICC)>("IFDHPowerICC", lun, action, atr, atrLength);
}

RESPONSECODE IFDHTransmitToICC(DWORD lun, SCARD_IO_HEADER sendPci, PUCHAR command,
                               DWORD commandLength, PUCHAR response, PDWORD responseLength,
                               PSCARD_IO_HEADER receivePci) {
  return call<decltype(IFDHTransmitToICC)>("IFDHTransmitToICC", lun, sendPci, command,
                                           commandLength, response, responseLength, receivePci);
}

RESPONSECODE IFDHICCPresence(DWORD lun) {
  return call<decltype(IFDHICCPresence)>("IFDHICCPresence", lun);
}

RESPONSECODE IFDHControl(DWORD lun, DWORD code, PUCHAR in, DWORD inLength, PUCHAR out,
                         DWORD outLength, LPDWORD returned) {
  return call<decltype(IFDHControl)>("IFDHControl", lun, code, in, inLength, out, outLength,
                                     returned);
}

#pragma GCC visibility pop

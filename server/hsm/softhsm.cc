// SPDX-License-Identifier: Apache-2.0
#include "server/hsm/softhsm.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "server/hsm/token.h"
#include "server/hsm/token_copy.h"

namespace fncard::server::hsm {
namespace {

namespace fs = std::filesystem;

/// Where distributions put it: Debian, Fedora (64 bits), Arch and Alpine, a build from source.
constexpr const char* kPlaces[] = {
    "/usr/lib/softhsm/libsofthsm2.so",       "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/lib/pkcs11/libsofthsm2.so",        "/usr/lib/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
};

tl::unexpected<Error> directoryFault(const fs::path& directory, const std::string& reason) {
  return tl::unexpected(
      Error{"The token directory " + directory.string() + " cannot be used: " + reason + "."});
}

Result<void> makeDirectory(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (!error) {
    fs::permissions(directory, fs::perms::owner_all, error);
  }
  if (error) {
    return directoryFault(directory, error.message());
  }
  return {};
}

Result<void> writeConfiguration(const fs::path& directory) {
  std::ofstream file(directory / "softhsm2.conf", std::ios::trunc);
  file << "# made by fncard-server\n"
       << "directories.tokendir = " << (directory / "tokens").string() << "\n"
       << "objectstore.backend = file\n"
       << "objectstore.umask = 0077\n"
       << "log.level = ERROR\n"
       << "slots.removable = false\n";
  file.close();
  if (!file) {
    return directoryFault(directory, "softhsm2.conf cannot be written");
  }
  return {};
}

/// SoftHSM2 reads the variable in C_Initialize.
void pointTo(const fs::path& directory) {
  // before the first thread, as the header asks
  ::setenv("SOFTHSM2_CONF", (directory / "softhsm2.conf").c_str(),  // NOLINT(concurrency-mt-unsafe)
           1);
}

/// SoftHSM2 always shows one slot more than it has tokens, with a blank one in it.
Result<CK_SLOT_ID> blankSlot(const Module& module) {
  CK_ULONG count = 0;
  module->C_GetSlotList(CK_TRUE, nullptr, &count);
  std::vector<CK_SLOT_ID> slots(count);
  if (const CK_RV rv = module->C_GetSlotList(CK_TRUE, slots.data(), &count); rv != CKR_OK) {
    return callFailed("C_GetSlotList", rv);
  }
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO info{};
    if (module->C_GetTokenInfo(slot, &info) == CKR_OK &&
        (info.flags & CKF_TOKEN_INITIALIZED) == 0) {
      return slot;
    }
  }
  return tl::unexpected(Error{"SoftHSM2 shows no blank token; check SOFTHSM2_CONF."});
}

Result<void> initialiseUserPin(const Module& module, CK_SLOT_ID slot, const Pin& officerPin,
                               const Pin& pin) {
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  CK_RV rv =
      module->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session);
  if (rv != CKR_OK) {
    return callFailed("C_OpenSession", rv);
  }
  rv = module->C_Login(session, CKU_SO, officerPin.bytes().data(), officerPin.bytes().size());
  if (rv == CKR_OK) {
    rv = module->C_InitPIN(session, pin.bytes().data(), pin.bytes().size());
    module->C_Logout(session);
  }
  module->C_CloseSession(session);
  if (rv != CKR_OK) {
    return callFailed("C_InitPIN", rv);
  }
  return {};
}

Result<void> initialiseToken(const std::string& library, const std::string& label, const Pin& pin) {
  const auto module = Module::load(library);
  if (!module) {
    return tl::unexpected(module.error());
  }
  const auto slot = blankSlot(**module);
  const auto officerPin = Pin::random();
  if (!slot || !officerPin) {
    return tl::unexpected(!slot ? slot.error() : officerPin.error());
  }
  std::array<unsigned char, 32> padded{};
  padded.fill(' ');
  std::copy(label.begin(), label.end(), padded.begin());
  const CK_RV rv = (**module)->C_InitToken(*slot, officerPin->bytes().data(),
                                           officerPin->bytes().size(), padded.data());
  if (rv != CKR_OK) {
    return callFailed("C_InitToken", rv);
  }
  // the token has a slot of its own from now on
  const auto made = findSlot(**module, label);
  if (!made) {
    return tl::unexpected(made.error());
  }
  return initialiseUserPin(**module, *made, *officerPin, pin);
}

Result<void> makeToken(const std::string& library, const std::string& label,
                       const std::string& pinFile) {
  const auto pin = Pin::random();
  if (!pin) {
    return tl::unexpected(pin.error());
  }
  // the PIN is on the disk before the token knows it: a power cut leaves no token without a PIN
  if (auto written = writePinFile(pinFile, *pin); !written) {
    return written;
  }
  auto made = initialiseToken(library, label, *pin);
  if (!made) {
    ::unlink(pinFile.c_str());
  }
  return made;
}

}  // namespace

Result<std::string> findSoftHsm() {
  for (const char* const place : kPlaces) {
    if (::access(place, R_OK) == 0) {
      return place;
    }
  }
  return tl::unexpected(
      Error{"SoftHSM2 is not installed; install the package softhsm2, or name another PKCS#11 "
            "module in hsm.module."});
}

Result<void> useSoftHsm(const std::string& directory) {
  static std::optional<TokenCopy> used;  // as long as the variable points to it
  auto copy = TokenCopy::make(fs::absolute(directory));
  if (!copy) {
    return tl::unexpected(copy.error());
  }
  if (auto written = writeConfiguration(copy->directory()); !written) {
    return written;
  }
  used.emplace(std::move(*copy));
  pointTo(used->directory());
  return {};
}

Result<Options> makeSoftHsmToken(const std::string& directory, const std::string& label,
                                 const std::string& pinFile) {
  const auto library = findSoftHsm();
  if (!library) {
    return tl::unexpected(library.error());
  }
  const fs::path place = fs::absolute(directory);
  if (label.empty() || label.size() > 32) {
    return tl::unexpected(Error{"A token's label has 1 to 32 bytes."});
  }
  if (fs::exists(place / "softhsm2.conf")) {
    return directoryFault(place, "it has a token already; name an empty directory");
  }
  for (const auto& step :
       {makeDirectory(place), makeDirectory(place / "tokens"), writeConfiguration(place)}) {
    if (!step) {
      return tl::unexpected(step.error());
    }
  }
  pointTo(place);
  if (auto made = makeToken(*library, label, pinFile); !made) {
    // nothing half-made stays: the next call may succeed
    std::error_code ignored;
    fs::remove(place / "softhsm2.conf", ignored);
    return tl::unexpected(made.error());
  }
  return Options{*library, label, pinFile};
}

}  // namespace fncard::server::hsm

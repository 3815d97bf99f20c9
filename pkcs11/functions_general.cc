// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>

#include "card/pin.h"
#include "pkcs11/functions.h"
#include "pkcs11/log.h"
#include "pkcs11/mechanism.h"
#include "pkcs11/output.h"
#include "pkcs11/with_session.h"

namespace fncard::pkcs11 {

namespace {

constexpr std::string_view kManufacturer = "fncard";

/// Fills a field with UTF-8 text, cut before a character that does not fit whole, and blanks.
void fill(std::span<CK_UTF8CHAR> field, std::string_view text) {
  std::size_t size = std::min(field.size(), text.size());
  while (size < text.size() && size > 0 &&
         (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80) {
    --size;
  }
  std::ranges::fill(field, CK_UTF8CHAR{' '});
  std::copy_n(text.begin(), size, field.begin());
}

/// "0.1.0" as the two numbers of CK_VERSION.
CK_VERSION moduleVersion() {
  CK_VERSION version{};
  const std::string_view text = FNCARD_VERSION;
  const auto dot = text.find('.');
  const auto number = [](std::string_view digits) {
    unsigned value = 0;
    for (const char digit : digits.substr(0, std::min(digits.find('.'), digits.size()))) {
      value = value * 10 + static_cast<unsigned>(digit - '0');
    }
    return static_cast<CK_BYTE>(value);
  };
  version.major = number(text.substr(0, dot));
  version.minor = number(text.substr(dot + 1));
  return version;
}

}  // namespace

Status initialize(CK_VOID_PTR arguments) {
  configureLog();
  if (arguments != nullptr) {
    const auto& given = *static_cast<const CK_C_INITIALIZE_ARGS*>(arguments);
    const bool all = given.CreateMutex != nullptr && given.DestroyMutex != nullptr &&
                     given.LockMutex != nullptr && given.UnlockMutex != nullptr;
    const bool none = given.CreateMutex == nullptr && given.DestroyMutex == nullptr &&
                      given.LockMutex == nullptr && given.UnlockMutex == nullptr;
    if (given.pReserved != nullptr || (!all && !none)) {
      return badArgument("reserved argument, or some of the mutex functions");
    }
    // an application's own mutexes are not needed: those of the system work in every program here
  }
  return module::start();
}

Status finalize(CK_VOID_PTR reserved) {
  if (reserved != nullptr) {
    auto running = module::provider();
    return running ? badArgument("reserved argument") : passOn(running);
  }
  return module::stop();
}

Status getInfo(CK_INFO_PTR info, CK_VERSION interfaceVersion) {
  if (auto running = module::provider(); !running) {
    return passOn(running);
  }
  if (info == nullptr) {
    return nullArgument("info");
  }
  *info = {};
  info->cryptokiVersion = interfaceVersion;
  info->libraryVersion = moduleVersion();
  fill(info->manufacturerID, kManufacturer);
  fill(info->libraryDescription, "fncard PKCS#11 module");
  return {};
}

Status getSlotList(CK_BBOOL tokenPresent, CK_SLOT_ID_PTR list, CK_ULONG_PTR count) {
  auto provider = module::provider();
  if (!provider) {
    return passOn(provider);
  }
  if (count == nullptr) {
    return nullArgument("count");
  }
  (*provider)->refresh();
  std::vector<CK_SLOT_ID> ids;
  for (const auto& slot : (*provider)->slotsToTell(list == nullptr)) {
    if (tokenPresent == CK_FALSE || slot->cardPresent()) {
      ids.push_back(slot->id());
    }
  }
  return giveList(ids, list, count);
}

Status getSlotInfo(CK_SLOT_ID id, CK_SLOT_INFO_PTR info) {
  auto provider = module::provider();
  if (!provider) {
    return passOn(provider);
  }
  auto slot = (*provider)->slot(id);
  if (!slot) {
    return passOn(slot);
  }
  if (info == nullptr) {
    return nullArgument("info");
  }
  (*provider)->refresh();
  *info = {};
  fill(info->slotDescription, (*slot)->readerName());
  fill(info->manufacturerID, kManufacturer);
  info->flags = CKF_HW_SLOT | CKF_REMOVABLE_DEVICE;
  info->flags |= (*slot)->cardPresent() ? CKF_TOKEN_PRESENT : 0;
  return {};
}

Status getTokenInfo(CK_SLOT_ID id, CK_TOKEN_INFO_PTR info) {
  auto provider = module::provider();
  if (!provider) {
    return passOn(provider);
  }
  if (auto slot = (*provider)->slot(id); !slot) {
    return passOn(slot);
  }
  if (info == nullptr) {
    return nullArgument("info");
  }
  auto token = (*provider)->token(id);
  if (!token) {
    return passOn(token);
  }
  const auto sessions = (*provider)->sessionsOf(**token);
  *info = {};
  fill(info->label, (*token)->label());
  fill(info->manufacturerID, kManufacturer);
  fill(info->model, "PIV");
  fill(info->serialNumber, (*token)->serialNumber());
  fill(info->utcTime, "");
  info->flags = (*token)->flags();
  info->ulMaxSessionCount = Provider::kMaxSessions;
  info->ulMaxRwSessionCount = Provider::kMaxSessions;
  info->ulSessionCount = sessions.all;
  info->ulRwSessionCount = sessions.readWrite;
  info->ulMinPinLen = card::Pin::kMinDigits;
  info->ulMaxPinLen = card::Pin::kMaxDigits;
  info->ulTotalPublicMemory = CK_UNAVAILABLE_INFORMATION;
  info->ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
  info->ulTotalPrivateMemory = CK_UNAVAILABLE_INFORMATION;
  info->ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
  return {};
}

Status waitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID_PTR slot, CK_VOID_PTR reserved) {
  auto provider = module::provider();
  if (!provider) {
    return passOn(provider);
  }
  if (slot == nullptr || reserved != nullptr) {
    return badArgument("slot is NULL, or the reserved argument is not");
  }
  auto event = (*provider)->waitForSlotEvent((flags & CKF_DONT_BLOCK) == 0);
  if (!event) {
    return passOn(event);
  }
  *slot = *event;
  return {};
}

Status getMechanismList(CK_SLOT_ID id, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count) {
  auto provider = module::provider();
  if (!provider) {
    return passOn(provider);
  }
  if (auto slot = (*provider)->slot(id); !slot) {
    return passOn(slot);
  }
  if (count == nullptr) {
    return nullArgument("count");
  }
  if (auto token = (*provider)->token(id); !token) {
    return passOn(token);
  }
  std::vector<CK_MECHANISM_TYPE> types;
  std::ranges::transform(mechanisms(), std::back_inserter(types), &Mechanism::type);
  return giveList(types, list, count);
}

Status getMechanismInfo(CK_SLOT_ID id, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR info) {
  auto provider = module::provider();
  if (!provider) {
    return passOn(provider);
  }
  if (auto slot = (*provider)->slot(id); !slot) {
    return passOn(slot);
  }
  if (info == nullptr) {
    return nullArgument("info");
  }
  if (auto token = (*provider)->token(id); !token) {
    return passOn(token);
  }
  const auto found = findMechanism(type);
  if (!found) {
    return Refusal(found.error());
  }
  *info = (*found)->info;
  return {};
}

Status unsupportedOfSlot(CK_SLOT_ID id) {
  auto provider = module::provider();
  if (!provider) {
    return passOn(provider);
  }
  if (auto slot = (*provider)->slot(id); !slot) {
    return passOn(slot);
  }
  return notSupported();
}

Status unsupportedOfSession(CK_SESSION_HANDLE handle) {
  return withSession(handle, [](Session&) -> Status { return notSupported(); });
}

}  // namespace fncard::pkcs11

// SPDX-License-Identifier: Apache-2.0
#include "tests/card/pcsc/scripted_pcsc.h"

#include <gtest/gtest.h>
#include <strings.h>

#include <algorithm>
#include <span>
#include <utility>

namespace fncard::card::testing {
namespace {

constexpr DWORD kCountShift = 16;

}  // namespace

ScriptedPcsc& ScriptedPcsc::instance() {
  static ScriptedPcsc pcsc;
  return pcsc;
}

void ScriptedPcsc::reset() {
  const Lock lock(mutex_);
  EXPECT_TRUE(contexts_.empty()) << contexts_.size() << " contexts left open";
  EXPECT_TRUE(handles_.empty()) << handles_.size() << " handles left open";
  running_ = true;
  readerEvents_.reset();
  readers_.clear();
  contexts_.clear();
  handles_.clear();
  control_ = {};
  forced_.clear();
  before_.clear();
  calls_.clear();
  dispositions_.clear();
  limits_.clear();
  lostCancels_ = 0;
  beganTwice_ = false;
}

void ScriptedPcsc::changed() {
  ++generation_;
  change_.notify_all();
}

void ScriptedPcsc::addReader(const std::string& name) {
  const Lock lock(mutex_);
  readers_.push_back({.name = name});
  if (readerEvents_) {
    ++*readerEvents_;
  }
  changed();
}

void ScriptedPcsc::removeReader(const std::string& name) {
  const Lock lock(mutex_);
  std::erase_if(readers_, [&](const Reader& reader) { return reader.name == name; });
  if (readerEvents_) {
    ++*readerEvents_;
  }
  changed();
}

void ScriptedPcsc::insertCard(const std::string& name, Card card) {
  const Lock lock(mutex_);
  Reader& reader = *find(name);
  reader.present = true;
  reader.card = std::move(card);
  ++reader.events;
  changed();
}

void ScriptedPcsc::removeCard(const std::string& name) {
  const Lock lock(mutex_);
  find(name)->present = false;
  ++find(name)->events;
  changed();
}

void ScriptedPcsc::resetCard(const std::string& name) {
  const Lock lock(mutex_);
  ++find(name)->resets;
}

void ScriptedPcsc::setControl(Control control) {
  const Lock lock(mutex_);
  control_ = std::move(control);
}

void ScriptedPcsc::stopService() {
  const Lock lock(mutex_);
  running_ = false;
  for (auto& [handle, context] : contexts_) {
    context.dead = true;
  }
  changed();
}

void ScriptedPcsc::startService() {
  const Lock lock(mutex_);
  running_ = true;
}

void ScriptedPcsc::countReaderEvents() {
  const Lock lock(mutex_);
  readerEvents_ = 1;
}

void ScriptedPcsc::force(const std::string& function, LONG code) {
  const Lock lock(mutex_);
  forced_[function].push_back(code);
}

void ScriptedPcsc::before(const std::string& function, std::function<void()> action) {
  const Lock lock(mutex_);
  before_[function].push_back(std::move(action));
}

void ScriptedPcsc::untilAsleep() {
  Lock lock(mutex_);
  change_.wait(lock, [this] {
    return seen_ == generation_ && std::any_of(contexts_.begin(), contexts_.end(), [](auto& entry) {
             return entry.second.asleep && !entry.second.timeOver;
           });
  });
}

void ScriptedPcsc::letTimePass() {
  const Lock lock(mutex_);
  for (auto& [handle, context] : contexts_) {
    context.timeOver = context.asleep;
  }
  change_.notify_all();
}

std::vector<std::string> ScriptedPcsc::calls() {
  const Lock lock(mutex_);
  return calls_;
}
int ScriptedPcsc::count(const std::string& function) {
  const Lock lock(mutex_);
  return static_cast<int>(std::count(calls_.begin(), calls_.end(), function));
}
std::vector<DWORD> ScriptedPcsc::dispositions() {
  const Lock lock(mutex_);
  return dispositions_;
}
int ScriptedPcsc::lostCancels() {
  const Lock lock(mutex_);
  return lostCancels_;
}
std::vector<DWORD> ScriptedPcsc::waitLimits() {
  const Lock lock(mutex_);
  return limits_;
}
int ScriptedPcsc::openContexts() {
  const Lock lock(mutex_);
  return static_cast<int>(contexts_.size());
}
int ScriptedPcsc::openHandles() {
  const Lock lock(mutex_);
  return static_cast<int>(handles_.size());
}
bool ScriptedPcsc::beganTwice() {
  const Lock lock(mutex_);
  return beganTwice_;
}

std::optional<LONG> ScriptedPcsc::enter(Lock& lock, const std::string& function) {
  calls_.push_back(function);
  if (auto& actions = before_[function]; !actions.empty()) {
    const auto action = std::move(actions.front());
    actions.pop_front();
    lock.unlock();
    action();
    lock.lock();
  }
  auto& codes = forced_[function];
  if (codes.empty()) {
    return std::nullopt;
  }
  const LONG code = codes.front();
  codes.pop_front();
  return code;
}

ScriptedPcsc::Reader* ScriptedPcsc::find(const std::string& name) {
  const auto found = std::find_if(readers_.begin(), readers_.end(),
                                  [&](const Reader& reader) { return reader.name == name; });
  return found == readers_.end() ? nullptr : &*found;
}

LONG ScriptedPcsc::useContext(SCARDCONTEXT context) {
  const auto found = contexts_.find(context);
  if (found == contexts_.end()) {
    return SCARD_E_INVALID_HANDLE;
  }
  return found->second.dead ? SCARD_F_COMM_ERROR : SCARD_S_SUCCESS;
}

LONG ScriptedPcsc::useHandle(SCARDHANDLE handle) {
  const auto found = handles_.find(handle);
  if (found == handles_.end()) {
    return SCARD_E_INVALID_HANDLE;
  }
  if (!running_) {
    return SCARD_E_NO_SERVICE;
  }
  const Reader* reader = find(found->second.reader);
  if (reader == nullptr) {
    return SCARD_E_READER_UNAVAILABLE;
  }
  if (!reader->present || reader->events != found->second.events) {
    return SCARD_W_REMOVED_CARD;
  }
  return reader->resets == found->second.resets ? SCARD_S_SUCCESS : SCARD_W_RESET_CARD;
}

LONG ScriptedPcsc::establish(SCARDCONTEXT* context) {
  Lock lock(mutex_);
  if (const auto code = enter(lock, "SCardEstablishContext")) {
    return *code;
  }
  if (!running_) {
    return SCARD_E_NO_SERVICE;
  }
  *context = next_++;
  contexts_[*context] = {};
  return SCARD_S_SUCCESS;
}

LONG ScriptedPcsc::release(SCARDCONTEXT context) {
  Lock lock(mutex_);
  if (const auto code = enter(lock, "SCardReleaseContext")) {
    return *code;
  }
  return contexts_.erase(context) == 1 ? SCARD_S_SUCCESS : SCARD_E_INVALID_HANDLE;
}

LONG ScriptedPcsc::listReaders(SCARDCONTEXT context, LPSTR* names, DWORD* size) {
  Lock lock(mutex_);
  if (const auto code = enter(lock, "SCardListReaders")) {
    return *code;
  }
  if (const LONG code = useContext(context); code != SCARD_S_SUCCESS) {
    return code;
  }
  if (readers_.empty()) {
    return SCARD_E_NO_READERS_AVAILABLE;
  }
  std::string text;
  for (const Reader& reader : readers_) {
    text += reader.name + '\0';
  }
  text += '\0';
  *names = new char[text.size()];
  std::copy(text.begin(), text.end(), *names);
  *size = text.size();
  return SCARD_S_SUCCESS;
}

bool ScriptedPcsc::lookAtReader(SCARD_READERSTATE& state) {
  const Reader* reader = find(state.szReader);
  if (reader == nullptr) {
    state.dwEventState = SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE | SCARD_STATE_CHANGED;
    return true;
  }
  const DWORD count = state.dwCurrentState >> kCountShift;
  const DWORD wrong = reader->present ? SCARD_STATE_EMPTY : SCARD_STATE_PRESENT;
  const bool differs = (count != 0 && count != reader->events) ||
                       (state.dwCurrentState & wrong) != 0 || state.dwCurrentState == 0;
  state.dwEventState = reader->events << kCountShift |
                       (reader->present ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY) |
                       (differs ? SCARD_STATE_CHANGED : 0);
  return differs;
}

bool ScriptedPcsc::lookAtList(SCARD_READERSTATE& state, std::size_t readersAtStart) {
  const DWORD known = state.dwCurrentState >> kCountShift;
  const bool counted = readerEvents_ && known != 0 && known != *readerEvents_;
  const bool differs = counted || readers_.size() != readersAtStart;
  state.dwEventState =
      readerEvents_.value_or(0) << kCountShift | (differs ? SCARD_STATE_CHANGED : 0);
  return differs;
}

LONG ScriptedPcsc::statusChange(SCARDCONTEXT context, DWORD limit, SCARD_READERSTATE* states,
                                DWORD count) {
  Lock lock(mutex_);
  if (const auto code = enter(lock, limit == 0 ? "SCardGetStatusChange" : "wait")) {
    return *code;
  }
  if (const LONG code = useContext(context); code != SCARD_S_SUCCESS) {
    return code;
  }
  if (count > PCSCLITE_MAX_READERS_CONTEXTS) {
    return SCARD_E_INVALID_PARAMETER;
  }
  const auto isList = [](const SCARD_READERSTATE& state) {
    return strcasecmp(state.szReader, "\\\\?PnP?\\Notification") == 0;
  };
  const std::span<SCARD_READERSTATE> all(states, count);
  for (const SCARD_READERSTATE& state : all) {
    if (!isList(state) && find(state.szReader) == nullptr) {
      return SCARD_E_UNKNOWN_READER;
    }
  }
  if (limit != 0) {
    limits_.push_back(limit);
  }
  const std::size_t readersAtStart = readers_.size();
  for (;;) {
    bool differs = false;
    for (SCARD_READERSTATE& state : all) {
      differs =
          (isList(state) ? lookAtList(state, readersAtStart) : lookAtReader(state)) || differs;
    }
    if (differs) {
      return SCARD_S_SUCCESS;
    }
    if (limit == 0) {
      return SCARD_E_TIMEOUT;
    }
    Context& own = contexts_[context];
    own.asleep = true;
    seen_ = generation_;
    change_.notify_all();
    change_.wait(lock, [&] { return seen_ != generation_ || own.cancelled || own.timeOver; });
    own.asleep = false;
    if (own.dead) {
      return SCARD_E_NO_SERVICE;
    }
    if (std::exchange(own.cancelled, false)) {
      return SCARD_E_CANCELLED;
    }
    if (std::exchange(own.timeOver, false)) {
      return SCARD_E_TIMEOUT;
    }
  }
}

LONG ScriptedPcsc::cancel(SCARDCONTEXT context) {
  Lock lock(mutex_);
  if (const auto code = enter(lock, "SCardCancel")) {
    return *code;
  }
  const auto found = contexts_.find(context);
  if (found == contexts_.end()) {
    ADD_FAILURE() << "SCardCancel of a context that is released";
    return SCARD_E_INVALID_HANDLE;
  }
  if (found->second.asleep) {
    found->second.cancelled = true;
    change_.notify_all();
  } else {
    ++lostCancels_;
  }
  return SCARD_S_SUCCESS;
}

LONG ScriptedPcsc::connect(SCARDCONTEXT context, const char* reader, SCARDHANDLE* handle,
                           DWORD* protocol) {
  Lock lock(mutex_);
  if (const auto code = enter(lock, "SCardConnect")) {
    return *code;
  }
  if (const LONG code = useContext(context); code != SCARD_S_SUCCESS) {
    return code;
  }
  const Reader* found = find(reader);
  if (found == nullptr) {
    return SCARD_E_UNKNOWN_READER;
  }
  if (!found->present) {
    return SCARD_E_NO_SMARTCARD;
  }
  *handle = next_++;
  *protocol = SCARD_PROTOCOL_T1;
  handles_[*handle] = {.reader = reader, .events = found->events, .resets = found->resets};
  return SCARD_S_SUCCESS;
}

LONG ScriptedPcsc::reconnect(SCARDHANDLE handle, DWORD disposition, DWORD* protocol) {
  Lock lock(mutex_);
  dispositions_.push_back(disposition);
  if (const auto code = enter(lock, "SCardReconnect")) {
    return *code;
  }
  const LONG code = useHandle(handle);
  if (code != SCARD_S_SUCCESS && code != SCARD_W_RESET_CARD) {
    return code;
  }
  *protocol = SCARD_PROTOCOL_T1;
  handles_[handle].resets = find(handles_[handle].reader)->resets;
  return SCARD_S_SUCCESS;
}

LONG ScriptedPcsc::disconnect(SCARDHANDLE handle, DWORD disposition) {
  Lock lock(mutex_);
  dispositions_.push_back(disposition);
  const auto forced = enter(lock, "SCardDisconnect");
  const bool known = handles_.erase(handle) == 1;
  return forced.value_or(known ? SCARD_S_SUCCESS : SCARD_E_INVALID_HANDLE);
}

LONG ScriptedPcsc::begin(SCARDHANDLE handle) {
  Lock lock(mutex_);
  if (const auto code = enter(lock, "SCardBeginTransaction")) {
    return *code;
  }
  const LONG code = useHandle(handle);
  if (code == SCARD_S_SUCCESS) {
    beganTwice_ = beganTwice_ || handles_[handle].inTransaction;
    handles_[handle].inTransaction = true;
  }
  return code;
}

LONG ScriptedPcsc::end(SCARDHANDLE handle, DWORD disposition) {
  Lock lock(mutex_);
  dispositions_.push_back(disposition);
  const auto forced = enter(lock, "SCardEndTransaction");
  if (const auto found = handles_.find(handle); found != handles_.end()) {
    found->second.inTransaction = false;
  }
  return forced.value_or(useHandle(handle));
}

LONG ScriptedPcsc::transmit(SCARDHANDLE handle, ByteView command, BYTE* answer, DWORD* size) {
  Lock lock(mutex_);
  if (const auto code = enter(lock, "SCardTransmit")) {
    return *code;
  }
  if (const LONG code = useHandle(handle); code != SCARD_S_SUCCESS) {
    return code;
  }
  EXPECT_TRUE(handles_[handle].inTransaction) << "an APDU outside a transaction";
  const Bytes bytes = find(handles_[handle].reader)->card(command);
  std::copy(bytes.begin(), bytes.end(), answer);
  *size = bytes.size();
  return SCARD_S_SUCCESS;
}

LONG ScriptedPcsc::control(SCARDHANDLE handle, DWORD code, ByteView input, BYTE* answer, DWORD room,
                           DWORD* size) {
  Lock lock(mutex_);
  if (const auto forced = enter(lock, "SCardControl")) {
    return *forced;
  }
  if (const LONG problem = useHandle(handle); problem != SCARD_S_SUCCESS) {
    return problem;
  }
  Bytes bytes;
  const LONG result = control_ ? control_(code, input, bytes) : SCARD_E_UNSUPPORTED_FEATURE;
  if (bytes.size() > room) {
    return SCARD_E_INSUFFICIENT_BUFFER;
  }
  std::copy(bytes.begin(), bytes.end(), answer);
  *size = bytes.size();
  return result;
}

}  // namespace fncard::card::testing

// The functions of <winscard.h> that the library calls.
extern "C" {

using fncard::ByteView;
using fncard::card::testing::ScriptedPcsc;

const SCARD_IO_REQUEST g_rgSCardT0Pci = {SCARD_PROTOCOL_T0, sizeof(SCARD_IO_REQUEST)};
const SCARD_IO_REQUEST g_rgSCardT1Pci = {SCARD_PROTOCOL_T1, sizeof(SCARD_IO_REQUEST)};

LONG SCardEstablishContext(DWORD, LPCVOID, LPCVOID, LPSCARDCONTEXT context) {
  return ScriptedPcsc::instance().establish(context);
}
LONG SCardReleaseContext(SCARDCONTEXT context) {
  return ScriptedPcsc::instance().release(context);
}
LONG SCardListReaders(SCARDCONTEXT context, LPCSTR, LPSTR names, LPDWORD size) {
  return ScriptedPcsc::instance().listReaders(context, reinterpret_cast<LPSTR*>(names), size);
}
LONG SCardFreeMemory(SCARDCONTEXT, LPCVOID memory) {
  delete[] static_cast<const char*>(memory);
  return SCARD_S_SUCCESS;
}
LONG SCardGetStatusChange(SCARDCONTEXT context, DWORD limit, SCARD_READERSTATE* states,
                          DWORD count) {
  return ScriptedPcsc::instance().statusChange(context, limit, states, count);
}
LONG SCardCancel(SCARDCONTEXT context) {
  return ScriptedPcsc::instance().cancel(context);
}
LONG SCardConnect(SCARDCONTEXT context, LPCSTR reader, DWORD, DWORD, LPSCARDHANDLE handle,
                  LPDWORD protocol) {
  return ScriptedPcsc::instance().connect(context, reader, handle, protocol);
}
LONG SCardReconnect(SCARDHANDLE handle, DWORD, DWORD, DWORD disposition, LPDWORD protocol) {
  return ScriptedPcsc::instance().reconnect(handle, disposition, protocol);
}
LONG SCardDisconnect(SCARDHANDLE handle, DWORD disposition) {
  return ScriptedPcsc::instance().disconnect(handle, disposition);
}
LONG SCardBeginTransaction(SCARDHANDLE handle) {
  return ScriptedPcsc::instance().begin(handle);
}
LONG SCardEndTransaction(SCARDHANDLE handle, DWORD disposition) {
  return ScriptedPcsc::instance().end(handle, disposition);
}
LONG SCardTransmit(SCARDHANDLE handle, const SCARD_IO_REQUEST*, LPCBYTE command, DWORD size,
                   SCARD_IO_REQUEST*, LPBYTE answer, LPDWORD answerSize) {
  return ScriptedPcsc::instance().transmit(handle, ByteView(command, size), answer, answerSize);
}
LONG SCardControl(SCARDHANDLE handle, DWORD code, LPCVOID input, DWORD size, LPVOID answer,
                  DWORD room, LPDWORD answerSize) {
  return ScriptedPcsc::instance().control(handle, code,
                                          ByteView(static_cast<const BYTE*>(input), size),
                                          static_cast<BYTE*>(answer), room, answerSize);
}
}

// SPDX-License-Identifier: Apache-2.0
// What the SCard* functions answer, as winscard_clnt.c of pcsc-lite 1.9.9 does.
#include <gtest/gtest.h>
#include <strings.h>

#include <algorithm>
#include <span>
#include <utility>

#include "tests/card/pcsc/scripted_pcsc.h"

namespace fncard::card::testing {
namespace {

constexpr DWORD kCountShift = 16;

}  // namespace

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

LONG ScriptedPcsc::attribute(SCARDHANDLE handle) {
  Lock lock(mutex_);
  return enter(lock, "SCardGetAttrib").value_or(useHandle(handle));
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

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <winscard.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "card/wire/bytes.h"

namespace fncard::card::testing {

/// The SCard* functions in place of libpcsclite's, over a model of readers and cards that the test
/// moves. Behaves as winscard_clnt.c of pcsc-lite 1.9.9 does where that matters here: event
/// counters in the high word compared only when not zero, new readers seen only during a wait, a
/// cancel lost outside the wait. Nothing depends on the clock: a wait ends when the model or the
/// test says so.
class ScriptedPcsc {
 public:
  using Card = std::function<Bytes(ByteView)>;  ///< answers an APDU
  using Control = std::function<LONG(DWORD code, ByteView input, Bytes& answer)>;

  static ScriptedPcsc& instance();
  /// An empty PC with a running service; fails the test when a context or handle is left open.
  void reset();

  void addReader(const std::string& name);
  void removeReader(const std::string& name);
  void insertCard(const std::string& name, Card card = {});
  void removeCard(const std::string& name);
  void resetCard(const std::string& name);
  void setControl(Control control);
  void stopService();
  void startService();
  /// pcsc-lite 2.3 and later: counts readers that come and go.
  void countReaderEvents();

  /// The next call of this function gives code and does nothing else.
  void force(const std::string& function, LONG code);
  /// Runs action as the next call of this function begins, before it looks at anything. "wait" is
  /// an SCardGetStatusChange with a time limit other than 0.
  void before(const std::string& function, std::function<void()> action);
  /// Returns when a wait sleeps and nothing is left for it to see.
  void untilAsleep();
  /// The limit of the wait that sleeps is over.
  void letTimePass();

  std::vector<std::string> calls();  ///< in order; a wait is "wait"
  int count(const std::string& function);
  std::vector<DWORD> dispositions();  ///< of Disconnect, EndTransaction and Reconnect
  int lostCancels();
  std::vector<DWORD> waitLimits();
  int openContexts();
  int openHandles();
  bool beganTwice();  ///< SCardBeginTransaction on a handle in a transaction

  // what the SCard* functions call
  LONG establish(SCARDCONTEXT* context);
  LONG release(SCARDCONTEXT context);
  LONG listReaders(SCARDCONTEXT context, LPSTR* names, DWORD* size);
  LONG statusChange(SCARDCONTEXT context, DWORD limit, SCARD_READERSTATE* states, DWORD count);
  LONG cancel(SCARDCONTEXT context);
  LONG connect(SCARDCONTEXT context, const char* reader, SCARDHANDLE* handle, DWORD* protocol);
  LONG reconnect(SCARDHANDLE handle, DWORD disposition, DWORD* protocol);
  LONG disconnect(SCARDHANDLE handle, DWORD disposition);
  LONG begin(SCARDHANDLE handle);
  LONG end(SCARDHANDLE handle, DWORD disposition);
  LONG transmit(SCARDHANDLE handle, ByteView command, BYTE* answer, DWORD* size);
  LONG attribute(SCARDHANDLE handle);
  LONG control(SCARDHANDLE handle, DWORD code, ByteView input, BYTE* answer, DWORD room,
               DWORD* size);

 private:
  struct Reader {
    std::string name;
    bool present = false;
    DWORD events = 0;
    unsigned resets = 0;
    Card card;
  };
  struct Context {
    bool dead = false;
    bool asleep = false;
    bool cancelled = false;
    bool timeOver = false;
  };
  struct Handle {
    std::string reader;
    DWORD events = 0;
    unsigned resets = 0;
    bool inTransaction = false;
  };
  using Lock = std::unique_lock<std::mutex>;

  std::optional<LONG> enter(Lock& lock, const std::string& function);
  Reader* find(const std::string& name);
  LONG useContext(SCARDCONTEXT context);
  LONG useHandle(SCARDHANDLE handle);
  bool lookAtReader(SCARD_READERSTATE& state);
  bool lookAtList(SCARD_READERSTATE& state, std::size_t readersAtStart);
  void changed();

  std::mutex mutex_;
  std::condition_variable change_;
  bool running_ = true;
  std::optional<DWORD> readerEvents_;
  std::vector<Reader> readers_;
  std::map<SCARDCONTEXT, Context> contexts_;
  std::map<SCARDHANDLE, Handle> handles_;
  long next_ = 1;
  unsigned generation_ = 0;  ///< of the model, and the one that the sleeping wait has seen
  unsigned seen_ = 0;
  Control control_;
  std::map<std::string, std::deque<LONG>> forced_;
  std::map<std::string, std::deque<std::function<void()>>> before_;
  std::vector<std::string> calls_;
  std::vector<DWORD> dispositions_;
  std::vector<DWORD> limits_;
  int lostCancels_ = 0;
  bool beganTwice_ = false;
};

}  // namespace fncard::card::testing

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "card/reader.h"
#include "pkcs11/handle_map.h"
#include "pkcs11/session.h"
#include "pkcs11/slot.h"

namespace fncard::pkcs11 {

/// Where readers and cards come from: PC/SC, or a fake in tests.
struct Platform {
  std::unique_ptr<card::ReaderService> readers;
  CardOpener openCard;
  Settings settings;
};

/// The module between C_Initialize and C_Finalize.
class Provider {
 public:
  static constexpr std::size_t kMaxSessions = 4096;
  /// Cards whose sessions are remembered after they were pulled.
  static constexpr std::size_t kMostPulled = 64;

  explicit Provider(Platform platform);
  ~Provider() = default;
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;

  /// Asks the readers (never a card) and brings the slots up to date. Without a reader service
  /// there are no readers, which is no error.
  void refresh();

  [[nodiscard]] std::vector<std::shared_ptr<Slot>> slots() const;
  /// Those that C_GetSlotList tells: new ones only when it asks for the number, so that the list
  /// that it fetches next is as long (PKCS #11 §5.5.1).
  std::vector<std::shared_ptr<Slot>> slotsToTell(bool withNew);
  [[nodiscard]] Result<std::shared_ptr<Slot>> slot(CK_SLOT_ID id) const;
  Result<std::shared_ptr<Token>> token(CK_SLOT_ID id);

  Result<CK_SESSION_HANDLE> openSession(CK_SLOT_ID id, CK_FLAGS flags);
  Status closeSession(CK_SESSION_HANDLE handle);
  Status closeAllSessions(CK_SLOT_ID id);
  /// CKR_SESSION_CLOSED when the session was closed while the person was asked: nobody is logged in
  /// then.
  Status login(Session& session, GivenPin pin);
  /// CKR_DEVICE_REMOVED, once, when the card of the session went: its sessions ended with it.
  Result<std::shared_ptr<Session>> session(CK_SESSION_HANDLE handle);
  Status logout(Session& session);

  struct SessionCount {
    CK_ULONG all = 0;
    CK_ULONG readWrite = 0;
  };
  [[nodiscard]] SessionCount sessionsOf(const Token& token) const;

  /// The slot of the next insertion or removal that was not yet told. CKR_NO_EVENT when not
  /// waiting, CKR_CRYPTOKI_NOT_INITIALIZED when shutDown() comes first.
  Result<CK_SLOT_ID> waitForSlotEvent(bool wait);

  /// Wakes and sees off those who wait.
  void shutDown();

 private:
  class Waiting;

  /// The handles of the sessions that ended with a card, until the application has learned it.
  struct Pulled {
    CK_SLOT_ID slot = 0;
    std::vector<CK_SESSION_HANDLE> sessions;
  };

  std::vector<std::pair<CK_SLOT_ID, std::shared_ptr<Token>>> lookAtReaders();
  Status stillWanted(const Session& session);
  void retire(CK_SLOT_ID slot, Token& token);
  bool forgetPulled(CK_SESSION_HANDLE handle);
  using Sessions = std::vector<std::pair<CK_SESSION_HANDLE, std::shared_ptr<Session>>>;
  template <typename Wanted>
  Sessions takeAndEnd(Wanted wanted);
  template <typename Wanted>
  bool end(Wanted wanted);

  Platform platform_;
  HandleMap<Session> sessions_{CKR_SESSION_HANDLE_INVALID};
  /// Opening, closing and what depends on how many there are happen one after the other, for
  /// moments: nobody asks a card or a person while holding it. Before all locks but refreshMutex_.
  std::mutex sessionsMutex_;
  bool finished_ = false;       // guarded by sessionsMutex_
  std::vector<Pulled> pulled_;  // guarded by sessionsMutex_; the last kMostPulled, newest last

  std::mutex refreshMutex_;  // one look at the readers at a time; before slotsMutex_
  mutable std::mutex slotsMutex_;
  std::vector<std::shared_ptr<Slot>> slots_;  // guarded by slotsMutex_; only grows
  std::vector<card::ReaderState> states_;     // guarded by slotsMutex_; of the last look
  std::size_t told_ = 0;                      // guarded by slotsMutex_; how many of slots_

  std::mutex waitMutex_;
  std::condition_variable waitChanged_;
  bool finishing_ = false;  // guarded by waitMutex_
  int waiting_ = 0;         // guarded by waitMutex_
};

}  // namespace fncard::pkcs11

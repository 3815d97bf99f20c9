// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/provider.h"

#include <algorithm>
#include <chrono>

namespace fncard::pkcs11 {

namespace {

/// How long one wait lasts at most, and how soon a reader service that does not run is tried again.
constexpr std::chrono::milliseconds kWaitLimit{60'000};
constexpr std::chrono::milliseconds kRetry{500};
/// How often a wait that is about to begin is cancelled until it has ended.
constexpr std::chrono::milliseconds kCancelAgain{10};

}  // namespace

Provider::Provider(Platform platform) : platform_(std::move(platform)) {
  refresh();
  for (const auto& slot : slotsToTell(true)) {
    slot->takeEvent();  // what is there from the beginning is no event (PKCS #11 §5.5.3)
  }
}

void Provider::refresh() {
  for (const auto& [slot, token] : lookAtReaders()) {
    retire(slot, *token);  // without a lock: closing a connection may take its time
  }
}

/// Brings the slots up to date, and gives the tokens whose cards went.
std::vector<std::pair<CK_SLOT_ID, std::shared_ptr<Token>>> Provider::lookAtReaders() {
  std::vector<std::pair<CK_SLOT_ID, std::shared_ptr<Token>>> gone;
  const std::lock_guard refreshing(refreshMutex_);
  auto states = platform_.readers->readers();
  if (!states) {
    if (states.error().code != card::ErrorCode::NoService &&
        states.error().code != card::ErrorCode::NoReader) {
      return gone;  // not an answer: what was known stays until there is one
    }
    states.emplace();
  }
  const std::lock_guard lock(slotsMutex_);
  states_ = *states;
  for (const card::ReaderState& state : states_) {
    if (std::ranges::none_of(slots_,
                             [&](const auto& slot) { return slot->readerName() == state.name; })) {
      slots_.push_back(std::make_shared<Slot>(slots_.size(), state.name));
    }
  }
  for (const auto& slot : slots_) {
    const auto found = std::ranges::find(states_, slot->readerName(), &card::ReaderState::name);
    if (auto token = slot->update(found == states_.end() ? nullptr : &*found)) {
      gone.emplace_back(slot->id(), std::move(token));
    }
  }
  return gone;
}

std::vector<std::shared_ptr<Slot>> Provider::slots() const {
  const std::lock_guard lock(slotsMutex_);
  return slots_;
}

std::vector<std::shared_ptr<Slot>> Provider::slotsToTell(bool withNew) {
  const std::lock_guard lock(slotsMutex_);
  told_ = withNew ? slots_.size() : told_;
  return {slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(told_)};
}

Result<std::shared_ptr<Slot>> Provider::slot(CK_SLOT_ID id) const {
  const std::lock_guard lock(slotsMutex_);
  if (id >= slots_.size()) {
    return slotUnknown(id);
  }
  return slots_[id];
}

Result<std::shared_ptr<Token>> Provider::token(CK_SLOT_ID id) {
  auto found = slot(id);
  if (!found) {
    return passOn(found);
  }
  refresh();
  return (*found)->token(platform_.openCard, platform_.settings);
}

Result<CK_SESSION_HANDLE> Provider::openSession(CK_SLOT_ID id, CK_FLAGS flags) {
  auto opened = token(id);
  if (!opened) {
    return passOn(opened);
  }
  auto session = std::make_shared<Session>(id, flags, *opened);
  const std::lock_guard lock(sessionsMutex_);
  if (finished_) {
    return notInitialized();
  }
  if ((*opened)->gone()) {
    return deviceRemoved();
  }
  auto handle = sessions_.insert(session, kMaxSessions);
  if (handle) {
    // the provider lives for as long as a call goes on, and so does the session
    session->introduce(*handle, [this, closed = session.get()] { return stillWanted(*closed); });
  }
  return handle;
}

Status Provider::stillWanted(const Session& session) {
  refresh();
  const std::lock_guard lock(sessionsMutex_);
  if (finished_) {
    return notInitialized();
  }
  if (session.token().gone()) {
    return deviceRemoved();
  }
  return session.closed() ? Status(sessionClosed()) : Status();
}

/// Ends the sessions of the entries (handle, session) that wanted(entry) picks, and the login of
/// each token that has no session any more (PKCS #11 §5.6.2). Under sessionsMutex_, which what it
/// returns outlives.
template <typename Wanted>
Provider::Sessions Provider::takeAndEnd(Wanted wanted) {
  Sessions closed = sessions_.takeIf(wanted);
  for (const auto& [handle, session] : closed) {
    session->close();
    if (sessionsOf(session->token()).all == 0 && session->token().loggedIn()) {
      session->token().logout();
    }
  }
  return closed;
}

/// True when there was one.
template <typename Wanted>
bool Provider::end(Wanted wanted) {
  Sessions closed;
  {
    const std::lock_guard lock(sessionsMutex_);
    closed = takeAndEnd(wanted);
  }
  for (const auto& [handle, session] : closed) {
    session->token().logOutOfCard(Token::Turn::IfFree);  // nobody waits for others to be rid of us
  }
  return !closed.empty();
}

/// The sessions of a card that went end, with all that they hold; their handles say so once.
void Provider::retire(CK_SLOT_ID slot, Token& token) {
  Sessions closed;
  {
    const std::lock_guard lock(sessionsMutex_);
    token.markGone();
    closed = takeAndEnd([&](const auto& entry) { return &entry.second->token() == &token; });
    if (!closed.empty()) {
      pulled_.push_back({.slot = slot, .sessions = {}});
      for (const auto& [handle, session] : closed) {
        pulled_.back().sessions.push_back(handle);
      }
    }
    if (pulled_.size() > kMostPulled) {
      pulled_.erase(pulled_.begin());
    }
  }
  token.retire();
}

/// True when the handle was one of a card that went; then no session of that card is known any
/// more.
bool Provider::forgetPulled(CK_SESSION_HANDLE handle) {
  const std::lock_guard lock(sessionsMutex_);
  return std::erase_if(pulled_, [handle](const Pulled& card) {
           return std::ranges::find(card.sessions, handle) != card.sessions.end();
         }) != 0;
}

Status Provider::closeSession(CK_SESSION_HANDLE handle) {
  if (end([handle](const auto& entry) { return entry.first == handle; })) {
    return {};
  }
  const std::lock_guard lock(sessionsMutex_);
  const bool endedBefore = std::ranges::any_of(
      pulled_, [handle](Pulled& card) { return std::erase(card.sessions, handle) != 0; });
  return endedBefore ? Status() : sessionUnknown();
}

Status Provider::closeAllSessions(CK_SLOT_ID id) {
  if (auto found = slot(id); !found) {
    return passOn(found);
  }
  end([id](const auto& entry) { return entry.second->slot() == id; });
  const std::lock_guard lock(sessionsMutex_);
  std::erase_if(pulled_, [id](const Pulled& card) { return card.slot == id; });
  return {};
}

Status Provider::login(Session& session, GivenPin pin) {
  auto done = session.login(std::move(pin));
  {
    const std::lock_guard lock(sessionsMutex_);
    if (!done || !session.closed()) {
      return done;
    }
    session.token().logout();
  }
  session.token().logOutOfCard(Token::Turn::IfFree);
  return session.token().gone() ? deviceRemoved() : sessionClosed();
}

Result<std::shared_ptr<Session>> Provider::session(CK_SESSION_HANDLE handle) {
  auto found = sessions_.find(handle);
  if (found && (*found)->token().gone()) {
    retire((*found)->slot(), (*found)->token());
    found = sessionUnknown();
  }
  return !found && forgetPulled(handle) ? deviceRemoved() : found;
}

Status Provider::logout(Session& session) {
  auto done = session.token().logout();
  if (done) {
    for (const auto& [handle, other] : sessions_.select(
             [&](const auto& entry) { return &entry.second->token() == &session.token(); })) {
      other->endPrivateOperations();
    }
    session.token().logOutOfCard(Token::Turn::Waited);
  }
  return done;
}

Provider::SessionCount Provider::sessionsOf(const Token& token) const {
  SessionCount count;
  for (const auto& [handle, session] :
       sessions_.select([&](const auto& entry) { return &entry.second->token() == &token; })) {
    ++count.all;
    count.readWrite += session->readWrite() ? 1 : 0;
  }
  return count;
}

/// Counts a thread as waiting, on every way out.
class Provider::Waiting {
 public:
  Waiting(Provider& provider, std::unique_lock<std::mutex>& lock)
      : provider_(provider), lock_(lock) {
    ++provider_.waiting_;
  }
  ~Waiting() {
    if (!lock_.owns_lock()) {
      lock_.lock();
    }
    --provider_.waiting_;
    provider_.waitChanged_.notify_all();
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  Provider& provider_;
  std::unique_lock<std::mutex>& lock_;
};

Result<CK_SLOT_ID> Provider::waitForSlotEvent(bool wait) {
  for (;;) {
    refresh();
    std::vector<card::ReaderState> known;
    {
      const std::lock_guard lock(slotsMutex_);
      for (const auto& slot : slots_) {
        if (slot->takeEvent()) {
          return slot->id();
        }
      }
      known = states_;
    }
    if (!wait) {
      return refuse(CKR_NO_EVENT, "nothing happened");
    }
    std::unique_lock lock(waitMutex_);
    if (finishing_) {
      return notInitialized();
    }
    const Waiting counted(*this, lock);
    lock.unlock();
    const auto changed = platform_.readers->waitForChange(known, kWaitLimit);
    lock.lock();
    if (!changed && changed.error().code != card::ErrorCode::Cancelled) {
      waitChanged_.wait_for(lock, kRetry, [this] { return finishing_; });
    }
  }
}

void Provider::shutDown() {
  {
    const std::lock_guard lock(sessionsMutex_);
    finished_ = true;
  }
  end([](const auto&) { return true; });
  std::unique_lock lock(waitMutex_);
  finishing_ = true;
  waitChanged_.notify_all();
  // a thread may be between its look at finishing_ and its wait, where cancelling does not reach it
  while (waiting_ > 0) {
    platform_.readers->cancelWait();
    waitChanged_.wait_for(lock, kCancelAgain);
  }
}

}  // namespace fncard::pkcs11

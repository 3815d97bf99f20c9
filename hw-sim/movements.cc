// SPDX-License-Identifier: Apache-2.0
// What happens to the card and to the reader, by hand (commands.cc) or as a fault (exchange.cc).
#include "hw-sim/simulator.h"

namespace fncard::hw_sim {
namespace {

tl::unexpected<std::string> noCard() {
  return tl::unexpected(std::string("there is no card in the reader"));
}

tl::unexpected<std::string> unusable(const std::string& path, const std::string& why) {
  return tl::unexpected("the card file " + path + " cannot be used: " + why);
}

}  // namespace

Simulator::Result Simulator::insert(const std::string& path) {
  if (inserted_) {
    return tl::unexpected(std::string("there is a card already"));
  }
  auto card = InsertedCard::fromFile(path);
  if (!card) {
    return unusable(path, card.error());
  }
  inserted_ = std::move(*card);
  lastCardFile_ = path;
  log_.event("inserted");
  return {};
}

Simulator::Result Simulator::insertForeign(InsertedCard::Foreign kind) {
  if (inserted_) {
    return tl::unexpected(std::string("there is a card already"));
  }
  inserted_ = std::make_unique<InsertedCard>(kind);
  log_.event(kind == InsertedCard::Foreign::Mute ? "a mute card inserted"
                                                 : "an unknown card inserted");
  return {};
}

Simulator::Result Simulator::remove() {
  if (!inserted_) {
    return noCard();
  }
  takeOut(waiting_ ? VpcdLink::During::Command : VpcdLink::During::Idle);
  return {};
}

void Simulator::takeOut(VpcdLink::During during) {
  dropWaitingAnswer();
  link_.disconnect(during);
  inserted_.reset();
  powered_ = false;
  endless_ = false;
  log_.event("removed");
}

void Simulator::dropWaitingAnswer() {
  if (waiting_) {
    log_.event("the answer was lost");
    waiting_.reset();
  }
}

Simulator::Result Simulator::loseSession() {
  if (!inserted_) {
    return noCard();
  }
  inserted_->loseSession();
  log_.event("lost its session");
  return {};
}

/// The file is read before the old card leaves, so that a wrong one changes nothing.
Simulator::Result Simulator::swap(const std::string& path) {
  if (!inserted_) {
    return noCard();
  }
  if (auto card = InsertedCard::fromFile(path); !card) {
    return unusable(path, card.error());
  }
  // also when idle: the program's next command may find the connection dead before the driver has
  // looked for the card
  takeOut(VpcdLink::During::Command);
  return insert(path);
}

Simulator::Result Simulator::swapSilently(const std::string& path) {
  if (!inserted_) {
    return noCard();
  }
  auto card = InsertedCard::fromFile(path);
  if (!card) {
    return unusable(path, card.error());
  }
  inserted_ = std::move(*card);
  lastCardFile_ = path;
  endless_ = false;
  log_.event("another card, unseen by the reader");
  return {};
}

/// The contacts opened and closed again: no answer, no session, and the card is there.
void Simulator::cutPower() {
  dropWaitingAnswer();
  powered_ = false;
  endless_ = false;
  log_.event("power cut");
  if (const auto loaded = inserted_->powerCut(); !loaded) {
    log_.event("the card file cannot be used: " + loaded.error());
    takeOut(VpcdLink::During::Command);
    return;
  }
  link_.interrupt();
}

Simulator::Result Simulator::unplug() {
  if (auto gone = plug_.unplug(); !gone) {
    return gone;
  }
  dropWaitingAnswer();
  link_.disconnect(VpcdLink::During::Idle);
  if (inserted_) {
    inserted_->loseSession();
  }
  log_.event("the reader was unplugged");
  return {};
}

Simulator::Result Simulator::plug() {
  if (auto back = plug_.plug(); !back) {
    return back;
  }
  log_.event("the reader was plugged in");
  return {};
}

}  // namespace fncard::hw_sim

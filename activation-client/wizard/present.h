// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "card/card.h"

namespace fncard::activation_client::wizard {

/// A card of ours in a reader.
struct PresentCard {
  std::string readerName;
  card::CardIdentity identity;
};

/// What is in the readers of this PC. Either cards, or the reason why there is none: NoService,
/// NoReader, NoCard, CardMute, UnknownCard, ….
struct Present {
  std::vector<PresentCard> cards;
  card::ErrorCode missing = card::ErrorCode::NoReader;
};

/// wanted: part of the reader's name, or empty.
Present lookForCards(card::ReaderService& readers, const std::string& wanted);

/// Looks in a thread of its own, once at first and again whenever a reader or a card comes or goes.
class Watch {
 public:
  /// onSeen is called on that thread.
  Watch(card::ReaderService& readers, std::string wanted, std::function<void(Present)> onSeen);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  void run(const std::stop_token& stop);

  card::ReaderService& readers_;
  std::string wanted_;
  std::function<void(Present)> onSeen_;
  std::jthread thread_;
};

}  // namespace fncard::activation_client::wizard

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "card/card.h"
#include "pkcs11/status.h"

namespace fncard::pkcs11 {

/// The card of a token: one transaction at a time, whichever thread wants it, until the card is
/// gone. Its connection is then closed as soon as no transaction goes on.
class TokenCard {
 public:
  explicit TokenCard(std::unique_ptr<card::Card> card) : card_(std::move(card)) {}

  /// True when the card went, or another one is in its place.
  [[nodiscard]] bool gone() const { return gone_; }
  void markGone() { gone_ = true; }
  /// Closes the connection to a card that is gone, now or when the transaction that goes on is
  /// over. Never waits for one.
  void close();

  /// What action(application) gives inside a transaction, or why there was none. CardRemoved
  /// whenever the card cannot be reached any more.
  template <typename Action>
  auto attempt(Action action) -> decltype(action(std::declval<card::CardApplication&>())) {
    return attemptAlone(
        std::unique_lock(mutex_), [](card::Card& card) { return card.begin(); }, action);
  }

  /// The same without waiting: ReaderBusy when another thread or program uses the card.
  template <typename Action>
  auto attemptIfFree(Action action) {
    return attemptAlone(
        std::unique_lock(mutex_, std::try_to_lock),
        [](card::Card& card) { return card.beginIfFree(); }, action);
  }

  /// The same with the code that an application of PKCS #11 gets.
  template <typename Action>
  auto transact(Action action) {
    return attempt(std::move(action)).map_error([](const card::Error& error) {
      return cardFailure(error).value();
    });
  }

 private:
  template <typename Begin, typename Action>
  auto attemptAlone(std::unique_lock<std::mutex> lock, Begin begin, Action& action) {
    auto result = lock ? inTransaction(begin, action) : busy();
    lock = {};
    if (gone_) {
      close();
    }
    return result;
  }

  template <typename Begin, typename Action>
  auto inTransaction(Begin begin, Action& action)
      -> decltype(action(std::declval<card::CardApplication&>())) {
    if (gone_ || !card_) {
      return removed();
    }
    auto application = begin(*card_);
    if (!application) {
      return tl::unexpected(noted(std::move(application).error()));
    }
    auto result = action(**application);
    if (!result) {
      return tl::unexpected(noted(std::move(result).error()));
    }
    return result;
  }
  static tl::unexpected<card::Error> removed() {
    return card::failed(card::ErrorCode::CardRemoved, "seen before");
  }
  static tl::unexpected<card::Error> busy() {
    return card::failed(card::ErrorCode::ReaderBusy, "another thread uses the card");
  }
  card::Error noted(card::Error error);

  std::mutex mutex_;
  std::unique_ptr<card::Card> card_;  // guarded by mutex_; null once it was closed
  std::atomic<bool> gone_{false};
};

}  // namespace fncard::pkcs11

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/piv/card_state.h"
#include "card/piv/channel.h"

namespace fncard::card::piv {

/// A card that was just connected, with our application selected in the transaction. The
/// transaction ends before the connection.
struct Opened {
  std::unique_ptr<Connection> connection;
  std::unique_ptr<Transaction> transaction;
};

/// Connects and selects; UnknownCard for any other card.
Result<Opened> connectAndSelect(ReaderService& service, const std::string& readerName);

/// SELECT and CHUID, compared with what was read when the card was opened; CardRemoved when it is
/// another card.
Result<void> selectAndCompare(Channel& channel, const CardIdentity& expected);

/// Which application of which card answers in one transaction.
///
/// PC/SC tells of resets and removals, but not that another program selected another application in
/// a transaction of its own. Asking before each command would double the cost of a signature, so it
/// is asked afterwards, when an answer is not the wanted one: GET DATA of the CHUID, which needs no
/// right, spends nothing and leaves a login as it is. Our card's CHUID means that our application
/// gave the answer; then it is believed. Anything else means that the answer was another's: it is
/// never reported as ours, our application is selected and compared, and the command may be sent
/// again, because our application has not seen it.
class Selection {
 public:
  /// confirmed: SELECT was sent in this transaction.
  Selection(std::shared_ptr<CardState> state, Transaction& transaction, bool confirmed)
      : state_(std::move(state)),
        channel_(transaction, state_->connection->readerName()),
        confirmed_(confirmed) {}

  /// One command, whatever answers. A failed exchange makes the card doubtful: the next transaction
  /// compares before anything else.
  Result<wire::ResponseApdu> exchange(const wire::CommandApdu& command);

  /// As exchange(); but an answer other than success is our application's: where it was not, the
  /// command is sent again. For commands that spend nothing.
  Result<wire::ResponseApdu> send(const wire::CommandApdu& command);

  /// For a command that must not reach another application: makes sure of ours before.
  Result<void> confirm();

  /// True when our application on our card was selected until now; false when another one was, and
  /// ours is now. CardRemoved for another card; CardFailed when the card gives no clear answer.
  Result<bool> wasOurs();

  /// Selects and compares, whatever was known.
  Result<void> selectAgain();

  [[nodiscard]] bool confirmed() const { return confirmed_; }

 private:
  std::shared_ptr<CardState> state_;
  Channel channel_;
  bool confirmed_;
};

}  // namespace fncard::card::piv

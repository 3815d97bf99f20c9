// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "card/card_application.h"
#include "card/reader.h"

namespace fncard::card {

/// The card that was in one reader when it was opened, for as long as it stays there. Remembers
/// which card it is: after a reset, or when another program used the reader, begin() selects again
/// and checks that it is still the same card before anything else is sent.
class Card {
 public:
  virtual ~Card() = default;

  /// Begins one operation: one transaction, the application selected. CardRemoved when the card
  /// went or another one is in its place; the object is then spent and open() must be called again.
  virtual Result<std::unique_ptr<CardApplication>> begin() = 0;
  /// The same without waiting for others: ReaderBusy when somebody else uses the card right now.
  virtual Result<std::unique_ptr<CardApplication>> beginIfFree() { return begin(); }

  [[nodiscard]] virtual const CardIdentity& identity() const = 0;
  [[nodiscard]] virtual const std::string& readerName() const = 0;
};

/// Connects, selects the card application and reads who the card is. UnknownCard for any other
/// card.
Result<std::unique_ptr<Card>> openCard(ReaderService& service, const std::string& readerName);

/// One operation on whatever card of ours is in the reader now, in the fewest commands: one
/// transaction, in which no other program comes between, so who the card is need not be asked.
/// identity() is empty and the certificate cache is not used. UnknownCard for any other card.
Result<std::unique_ptr<CardApplication>> beginOnce(ReaderService& service,
                                                   const std::string& readerName);

/// Opens the one card of the PC that we know, or the one in the reader whose name contains wanted.
/// NoReader, NoCard, UnknownCard as fits; with several cards and no wish the first in the order of
/// readers().
Result<std::unique_ptr<Card>> openAnyCard(ReaderService& service, std::string_view wanted = {});

}  // namespace fncard::card

// SPDX-License-Identifier: Apache-2.0
#include "card/card.h"

namespace fncard::card {

Result<std::unique_ptr<Card>> openAnyCard(ReaderService& service, std::string_view wanted) {
  const auto readers = service.readers();
  if (!readers) {
    return tl::unexpected(readers.error());
  }
  // of all that went wrong the nearest to success is the most useful to know
  Error reason{.code = ErrorCode::NoReader, .detail = "no such reader"};
  for (const ReaderState& reader : *readers) {
    if (reader.name.find(wanted) == std::string::npos) {
      continue;
    }
    if (!reader.cardPresent) {
      if (reason.code == ErrorCode::NoReader) {
        reason = {.code = ErrorCode::NoCard, .detail = reader.name};
      }
      continue;
    }
    auto card = openCard(service, reader.name);
    if (card) {
      return card;
    }
    reason = card.error();
  }
  return tl::unexpected(reason);
}

}  // namespace fncard::card

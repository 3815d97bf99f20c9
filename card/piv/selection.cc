// SPDX-License-Identifier: Apache-2.0
#include "card/piv/selection.h"

#include <utility>

#include "card/piv/commands.h"
#include "card/piv/status.h"

namespace fncard::card::piv {

Result<Opened> connectAndSelect(ReaderService& service, const std::string& readerName) {
  auto connection = service.connect(readerName);
  if (!connection) {
    return tl::unexpected(connection.error());
  }
  bool reset = false;
  auto transaction = (*connection)->begin(&reset);
  if (!transaction) {
    return tl::unexpected(transaction.error());
  }
  Channel channel(**transaction, readerName);
  if (const auto selected = selectApplication(channel); !selected) {
    return tl::unexpected(selected.error());
  }
  return Opened{.connection = std::move(*connection), .transaction = std::move(*transaction)};
}

Result<void> selectAndCompare(Channel& channel, const CardIdentity& expected) {
  auto selected = selectApplication(channel);
  if (!selected) {
    if (selected.error().code == ErrorCode::UnknownCard) {
      return failed(ErrorCode::CardRemoved, "another card: " + selected.error().detail);
    }
    return selected;
  }
  const auto identity = readIdentity(channel);
  if (!identity || *identity != expected) {
    return failed(ErrorCode::CardRemoved,
                  identity ? "another card" : "no CHUID: " + identity.error().detail);
  }
  return {};
}

Result<wire::ResponseApdu> Selection::exchange(const wire::CommandApdu& command) {
  auto answer = channel_.send(command);
  if (!answer) {
    state_->doubtful = true;
  }
  return answer;
}

Result<wire::ResponseApdu> Selection::send(const wire::CommandApdu& command) {
  auto answer = exchange(command);
  if (!answer || answer->status.ok() || confirmed_) {
    return answer;
  }
  const auto ours = wasOurs();
  if (!ours) {
    return tl::unexpected(ours.error());
  }
  return *ours ? std::move(answer) : exchange(command);
}

Result<void> Selection::confirm() {
  if (confirmed_) {
    return {};
  }
  const auto ours = wasOurs();
  return ours ? Result<void>() : tl::unexpected(ours.error());
}

Result<bool> Selection::wasOurs() {
  if (!state_->comparable) {
    return true;
  }
  const auto answer = exchange(getData(Object::Chuid));
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  if (answer->status.ok()) {
    const auto content = objectContent(Object::Chuid, *answer);
    if (const auto identity = content ? parseChuid(*content) : tl::unexpected(content.error())) {
      if (*identity == state_->identity) {
        confirmed_ = true;
        return true;
      }
      state_->doubtful = true;
      return failed(ErrorCode::CardRemoved, "another card");
    }
  } else if (!isAnothers(answer->status)) {
    state_->doubtful = true;
    return tl::unexpected(toError(answer->status, "GET DATA, which application is selected"));
  }
  state_->shared = true;
  if (auto selected = selectAgain(); !selected) {
    return tl::unexpected(selected.error());
  }
  return false;
}

Result<void> Selection::selectAgain() {
  confirmed_ = false;
  if (!state_->comparable) {
    return failed(ErrorCode::CardFailed, "a card that cannot be compared");
  }
  auto same = selectAndCompare(channel_, state_->identity);
  if (!same) {
    state_->doubtful = true;
    return same;
  }
  confirmed_ = true;
  return same;
}

}  // namespace fncard::card::piv

// SPDX-License-Identifier: Apache-2.0
#include "server/base/time.h"
#include "server/store/sql/sql_store.h"

namespace fncard::server::store::sql {
namespace {

const std::string kApplicant = "applicant";

struct UnblockingRow {
  static constexpr const char* kSelect =
      "SELECT unblocking_id, order_id, card_number, nonce, epoch, state, releases FROM unblockings";
  Unblocking unblocking;
  std::string nonce;
  std::string state;
  void into(soci::statement& statement) {
    statement.exchange(soci::into(unblocking.transaction));
    statement.exchange(soci::into(unblocking.orderId));
    statement.exchange(soci::into(unblocking.cardNumber));
    statement.exchange(soci::into(nonce));
    statement.exchange(soci::into(unblocking.epoch));
    statement.exchange(soci::into(state));
    statement.exchange(soci::into(unblocking.releases));
  }
  [[nodiscard]] Unblocking value() const {
    Unblocking result = unblocking;
    result.nonce = bytesOf(nonce);
    result.state = stateOf<UnblockingState>(state);
    return result;
  }
};

Result<Unblocking> unblockingOf(Session& session, const std::string& transaction) {
  return selectOne<UnblockingRow>(
      session, "transaction", UnblockingRow::kSelect + std::string(" WHERE unblocking_id = :id"),
      transaction);
}

/// Activated; or somebody forgot the PIN that they chose before their activation was interrupted.
bool mayBeUnblocked(Session& session, const Order& order) {
  if (order.state == OrderState::Activated) {
    return true;
  }
  return order.state == OrderState::Mailed &&
         select<NumberRow>(session,
                           "SELECT COUNT(*) FROM activations"
                           " WHERE card_number = :number AND state = 'released'",
                           order.cardNumber)
                 .front() == 1;
}

}  // namespace

Result<Unblocking> SqlStore::beginUnblocking(const Unblocking& unblocking,
                                             const Idempotency& idempotency, Time at) {
  return database_.write([&](Session& session) -> Result<Unblocking> {
    const auto before = findMade(session, idempotency);
    if (!before) {
      return tl::unexpected(before.error());
    }
    if (*before) {
      return unblockingOf(session, **before);
    }
    const auto order = orderOf(session, unblocking.orderId);
    if (!order) {
      return tl::unexpected(order.error());
    }
    if (order->cardNumber != unblocking.cardNumber || !mayBeUnblocked(session, *order)) {
      return fail(ErrorCode::WrongState, std::string(name(order->state)));
    }
    const auto earlier = select<UnblockingRow>(
        session,
        UnblockingRow::kSelect + std::string(" WHERE card_number = :number ORDER BY epoch DESC"),
        unblocking.cardNumber);
    if (!earlier.empty() && earlier.front().state != UnblockingState::Done) {
      remember(session, idempotency, earlier.front().transaction, at);
      return earlier.front();
    }
    Unblocking made = unblocking;
    made.epoch = earlier.empty() ? 0 : earlier.front().epoch + 1;
    execute(session,
            "INSERT INTO unblockings"
            " (unblocking_id, order_id, card_number, nonce, epoch, state, began_at)"
            " VALUES (:id, :order, :card, :nonce, :epoch, 'begun', :at)",
            made.transaction, made.orderId, made.cardNumber, storedBytes(made.nonce), made.epoch,
            secondsOf(at));
    remember(session, idempotency, made.transaction, at);
    appendAudit(session, at, {kApplicant, "unblocking.begun", made.transaction, made.orderId});
    return made;
  });
}

Result<Unblocking> SqlStore::unblocking(const std::string& transaction) {
  return database_.read([&](Session& session) { return unblockingOf(session, transaction); });
}

Result<Unblocking> SqlStore::recordUnblockingRelease(const std::string& transaction, Time at) {
  return database_.write([&](Session& session) -> Result<Unblocking> {
    const auto found = unblockingOf(session, transaction);
    if (!found) {
      return found;
    }
    if (found->state != UnblockingState::Begun && found->state != UnblockingState::Released) {
      return fail(ErrorCode::WrongState, std::string(name(found->state)));
    }
    execute(session,
            "UPDATE unblockings SET state = 'released', released_at = :at, releases = releases + 1"
            " WHERE unblocking_id = :id",
            secondsOf(at), transaction);
    if (found->state == UnblockingState::Begun) {
      appendAudit(session, at, {kApplicant, "unblocking.released", transaction, found->orderId});
    }
    return unblockingOf(session, transaction);
  });
}

Result<void> SqlStore::refuseUnblocking(const std::string& transaction, Time at) {
  return database_.write([&](Session& session) -> Result<void> {
    const auto found = unblockingOf(session, transaction);
    if (!found) {
      return tl::unexpected(found.error());
    }
    if (found->state == UnblockingState::Refused) {
      return {};
    }
    if (found->state != UnblockingState::Released) {
      return fail(ErrorCode::WrongState, std::string(name(found->state)));
    }
    execute(session,
            "UPDATE unblockings SET state = 'refused', ended_at = :at WHERE unblocking_id = :id",
            secondsOf(at), transaction);
    appendAudit(session, at, {kApplicant, "unblocking.puk-refused", transaction, found->orderId});
    return {};
  });
}

Result<void> SqlStore::commitUnblocking(const std::string& transaction,
                                        const std::string& receiptHash, Time at) {
  return database_.write([&](Session& session) -> Result<void> {
    const auto found = unblockingOf(session, transaction);
    if (!found) {
      return tl::unexpected(found.error());
    }
    if (found->state == UnblockingState::Done) {
      return {};
    }
    if (found->state != UnblockingState::Released) {
      return fail(ErrorCode::WrongState, std::string(name(found->state)));
    }
    execute(session,
            "UPDATE unblockings SET state = 'done', ended_at = :at, receipt_hash = :hash"
            " WHERE unblocking_id = :id",
            secondsOf(at), receiptHash, transaction);
    appendAudit(session, at, {kApplicant, "unblocking.committed", transaction, receiptHash});
    return {};
  });
}

}  // namespace fncard::server::store::sql

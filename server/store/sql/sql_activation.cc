// SPDX-License-Identifier: Apache-2.0
#include "server/base/time.h"
#include "server/store/sql/sql_store.h"

namespace fncard::server::store::sql {
namespace {

const std::string kApplicant = "applicant";

struct ActivationRow {
  static constexpr const char* kSelect =
      "SELECT activation_id, order_id, card_number, nonce, state FROM activations";
  Activation activation;
  std::string nonce;
  std::string state;
  void into(soci::statement& statement) {
    statement.exchange(soci::into(activation.transaction));
    statement.exchange(soci::into(activation.orderId));
    statement.exchange(soci::into(activation.cardNumber));
    statement.exchange(soci::into(nonce));
    statement.exchange(soci::into(state));
  }
  [[nodiscard]] Activation value() const {
    Activation result = activation;
    result.nonce = bytesOf(nonce);
    result.state = stateOf<ActivationState>(state);
    return result;
  }
};

Result<Activation> activationOf(Session& session, const std::string& transaction) {
  return selectOne<ActivationRow>(
      session, "transaction", ActivationRow::kSelect + std::string(" WHERE activation_id = :id"),
      transaction);
}

void setState(Session& session, const std::string& transaction, ActivationState state) {
  execute(session, "UPDATE activations SET state = :state WHERE activation_id = :id",
          std::string(name(state)), transaction);
}

tl::unexpected<Error> wrongState(ActivationState state) {
  return fail(ErrorCode::WrongState, std::string(name(state)));
}

}  // namespace

Result<Activation> SqlStore::beginActivation(const Activation& activation,
                                             const Idempotency& idempotency, Time at) {
  return database_.write([&](Session& session) -> Result<Activation> {
    const auto before = findMade(session, idempotency);
    if (!before) {
      return tl::unexpected(before.error());
    }
    const auto open = select<ActivationRow>(
        session, ActivationRow::kSelect + std::string(" WHERE card_number = :number"),
        activation.cardNumber);
    if (!open.empty()) {
      return open.front();
    }
    const auto order = orderOf(session, activation.orderId);
    if (!order) {
      return tl::unexpected(order.error());
    }
    if (order->state != OrderState::Mailed || order->cardNumber != activation.cardNumber) {
      return fail(ErrorCode::WrongState, std::string(name(order->state)));
    }
    execute(session,
            "INSERT INTO activations (activation_id, order_id, card_number, nonce, state, began_at)"
            " VALUES (:id, :order, :card, :nonce, 'begun', :at)",
            activation.transaction, activation.orderId, activation.cardNumber,
            storedBytes(activation.nonce), secondsOf(at));
    remember(session, idempotency, activation.transaction, at);
    appendAudit(session, at,
                {kApplicant, "activation.begun", activation.transaction, activation.orderId});
    return activation;
  });
}

Result<Activation> SqlStore::activation(const std::string& transaction) {
  return database_.read([&](Session& session) { return activationOf(session, transaction); });
}

Result<void> SqlStore::recordRelease(const std::string& transaction, Time at) {
  return database_.write([&](Session& session) -> Result<void> {
    const auto found = activationOf(session, transaction);
    if (!found) {
      return tl::unexpected(found.error());
    }
    if (found->state == ActivationState::Released) {
      return {};
    }
    if (found->state != ActivationState::Begun) {
      return wrongState(found->state);
    }
    setState(session, transaction, ActivationState::Released);
    execute(session, "UPDATE activations SET released_at = :at WHERE activation_id = :id",
            secondsOf(at), transaction);
    appendAudit(session, at, {kApplicant, "activation.released", transaction, found->orderId});
    return {};
  });
}

Result<void> SqlStore::commitActivation(const std::string& transaction,
                                        const std::string& receiptHash, Time at) {
  return database_.write([&](Session& session) -> Result<void> {
    const auto found = activationOf(session, transaction);
    if (!found) {
      return tl::unexpected(found.error());
    }
    if (found->state == ActivationState::Active) {
      return {};
    }
    if (found->state != ActivationState::Released) {
      return wrongState(found->state);
    }
    const auto job = jobOfCard(session, found->cardNumber);
    if (!job) {
      return tl::unexpected(job.error());
    }
    setState(session, transaction, ActivationState::Active);
    execute(session,
            "UPDATE activations SET ended_at = :at, receipt_hash = :hash WHERE activation_id = :id",
            secondsOf(at), receiptHash, transaction);
    constexpr int kNoReason = 0;
    changeStatus(session, job->id, CertificateStatus::Good, kNoReason, at);
    appendAudit(session, at, {kApplicant, "activation.committed", transaction, receiptHash});
    return moveOrder(session, found->orderId, OrderState::Activated, kApplicant, at);
  });
}

Result<void> SqlStore::recordTamper(const std::string& transaction, Time at) {
  return database_.write([&](Session& session) -> Result<void> {
    const auto found = activationOf(session, transaction);
    if (!found) {
      return tl::unexpected(found.error());
    }
    if (found->state == ActivationState::Refused) {
      return {};
    }
    if (found->state != ActivationState::Released) {
      return wrongState(found->state);
    }
    setState(session, transaction, ActivationState::Refused);
    execute(session, "UPDATE activations SET ended_at = :at WHERE activation_id = :id",
            secondsOf(at), transaction);
    appendAudit(session, at, {kApplicant, "activation.tampered", transaction, found->orderId});
    return {};
  });
}

Result<std::vector<Certificate>> SqlStore::certificatesOfCard(const std::string& cardNumber) {
  return database_.read([&](Session& session) -> Result<std::vector<Certificate>> {
    return select<CertificateRow>(
        session,
        CertificateRow::kSelect + std::string(" JOIN jobs j ON j.job_id = c.job_id"
                                              " WHERE j.card_number = :number"
                                              " AND c.replaced = 0"),
        cardNumber);
  });
}

}  // namespace fncard::server::store::sql

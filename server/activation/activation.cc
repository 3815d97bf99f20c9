// SPDX-License-Identifier: Apache-2.0
#include "server/activation/activation.h"

#include "server/activation/card_proof.h"
#include "server/base/hash.h"
#include "server/base/random.h"
#include "server/store/errors.h"

namespace fncard::server::activation {
namespace {

using store::ActivationState;
using store::OrderState;

constexpr std::string_view kActivationPurpose = "fncard activation 1";

Challenge challengeOf(const store::Activation& activation) {
  return {activation.transaction, activation.cardNumber, activation.nonce};
}

std::optional<Error> refusalOf(const store::Order& order, const std::string& cardNumber) {
  if (order.cardNumber.empty()) {
    return Error{.status = 409, .code = "activation.not-mailed"};
  }
  if (order.cardNumber != cardNumber) {
    return Error{.status = 409, .code = "activation.card-of-another-order"};
  }
  if (order.state == OrderState::Activated || order.state == OrderState::Suspended) {
    return Error{.status = 409, .code = "activation.already-active"};
  }
  if (order.state != OrderState::Mailed) {
    return Error{.status = 409, .code = "activation.not-mailed"};
  }
  return std::nullopt;
}

tl::unexpected<Error> wrongState(ActivationState state) {
  switch (state) {
    case ActivationState::Active:
      return refused(409, "activation.already-active");
    case ActivationState::Refused:
      return refused(403, "activation.stopped");
    case ActivationState::Begun:
    case ActivationState::Released:
      break;
  }
  return refused(409, "activation.not-released");
}

}  // namespace

tl::unexpected<Error> withoutTelling(Error error, std::string code) {
  if (error.code == "session.refused") {
    return refused(403, std::move(code));
  }
  if (error.code == "session.refused-warning") {
    error.code = std::move(code);
    error.sentence = "session.refused-warning";
  }
  return tl::unexpected(std::move(error));
}

Result<Begun> ActivationService::begin(const BeginRequest& request,
                                       const store::Idempotency& idempotency) {
  const auto order = signIn_.check(request.permitNumber, request.userCode);
  if (!order) {
    return withoutTelling(order.error(), "activation.refused");
  }
  if (const auto refusal = refusalOf(*order, request.cardNumber)) {
    return tl::unexpected(*refusal);
  }
  const auto activation = store_.beginActivation({.transaction = randomIdentifier(),
                                                  .orderId = order->id,
                                                  .cardNumber = request.cardNumber,
                                                  .nonce = randomBytes(kNonceBytes)},
                                                 idempotency, clock_.now());
  if (!activation) {
    return store::asError(activation.error(), "activation.not-mailed");
  }
  return Begun{*activation, order->applicant.birthDate};
}

Result<store::Activation> ActivationService::find(const std::string& transaction) {
  auto activation = store_.activation(transaction);
  if (!activation) {
    return activation.error().code == store::ErrorCode::NotFound
               ? refused(404, "activation.unknown-transaction")
               : store::asError(activation.error());
  }
  return *std::move(activation);
}

Result<production::Secret> ActivationService::release(const std::string& transaction,
                                                      const store::Bytes& signature) {
  const auto activation = find(transaction);
  if (!activation) {
    return tl::unexpected(activation.error());
  }
  if (activation->state != ActivationState::Begun &&
      activation->state != ActivationState::Released) {
    return wrongState(activation->state);
  }
  const auto proven = isCardProof(store_, challengeOf(*activation), kActivationPurpose, signature);
  if (!proven) {
    return tl::unexpected(proven.error());
  }
  if (!*proven) {
    return refused(403, "activation.proof-wrong");
  }
  const auto recorded = store_.recordRelease(transaction, clock_.now());
  if (!recorded) {
    // only now may it have become active or refused
    return store::asError(recorded.error(), "activation.already-active");
  }
  return production::deriveTransportPin(hsm_, activation->cardNumber);
}

Result<void> ActivationService::commit(const std::string& transaction, const store::Bytes& receipt,
                                       const store::Bytes& signature) {
  const auto activation = find(transaction);
  if (!activation) {
    return tl::unexpected(activation.error());
  }
  if (activation->state != ActivationState::Released &&
      activation->state != ActivationState::Active) {
    return wrongState(activation->state);
  }
  const auto right = isSignedReceipt(store_, challengeOf(*activation), receipt, signature);
  if (!right) {
    return tl::unexpected(right.error());
  }
  if (!*right) {
    return refused(403, "activation.receipt-wrong");
  }
  const auto committed = store_.commitActivation(transaction, sha256Hex(receipt), clock_.now());
  if (!committed) {
    return store::asError(committed.error(), "activation.not-mailed");
  }
  return {};
}

Result<ActivationState> ActivationService::state(const std::string& transaction) {
  const auto activation = find(transaction);
  if (!activation) {
    return tl::unexpected(activation.error());
  }
  return activation->state;
}

Result<void> ActivationService::reportTamper(const std::string& transaction,
                                             const std::string& cardNumber) {
  const auto activation = find(transaction);
  if (!activation) {
    return tl::unexpected(activation.error());
  }
  if (activation->cardNumber != cardNumber) {
    return refused(409, "activation.card-of-another-order");
  }
  const auto recorded = store_.recordTamper(transaction, clock_.now());
  if (!recorded) {
    return recorded.error().code == store::ErrorCode::WrongState ? wrongState(activation->state)
                                                                 : store::asError(recorded.error());
  }
  return {};
}

}  // namespace fncard::server::activation

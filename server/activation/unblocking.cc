// SPDX-License-Identifier: Apache-2.0
#include "server/activation/unblocking.h"

#include "server/activation/card_proof.h"
#include "server/base/hash.h"
#include "server/base/random.h"
#include "server/store/errors.h"

namespace fncard::server::activation {
namespace {

using store::UnblockingState;

constexpr std::string_view kUnblockingPurpose = "fncard unblocking 1";

Challenge challengeOf(const store::Unblocking& unblocking) {
  return {unblocking.transaction, unblocking.cardNumber, unblocking.nonce};
}

}  // namespace

Result<UnblockingService::Begun> UnblockingService::begin(const BeginRequest& request,
                                                          const store::Idempotency& idempotency) {
  const auto order = signIn_.check(request.permitNumber, request.userCode);
  if (!order) {
    return withoutTelling(order.error(), "unblocking.refused");
  }
  if (!order->cardNumber.empty() && order->cardNumber != request.cardNumber) {
    return refused(409, "unblocking.card-of-another-order");
  }
  const auto unblocking = stores_.unblockings.beginUnblocking({.transaction = randomIdentifier(),
                                                               .orderId = order->id,
                                                               .cardNumber = request.cardNumber,
                                                               .nonce = randomBytes(kNonceBytes)},
                                                              idempotency, clock_.now());
  if (!unblocking) {
    return store::asError(unblocking.error(), "unblocking.not-active");
  }
  return Begun{*unblocking, order->applicant.birthDate};
}

Result<store::Unblocking> UnblockingService::find(const std::string& transaction) {
  auto unblocking = stores_.unblockings.unblocking(transaction);
  if (!unblocking) {
    return unblocking.error().code == store::ErrorCode::NotFound
               ? refused(404, "unblocking.unknown-transaction")
               : store::asError(unblocking.error());
  }
  return *std::move(unblocking);
}

Result<UnblockingService::Puks> UnblockingService::release(const std::string& transaction,
                                                           const store::Bytes& signature) {
  const auto unblocking = find(transaction);
  if (!unblocking) {
    return tl::unexpected(unblocking.error());
  }
  const auto proven =
      isCardProof(stores_.cards, challengeOf(*unblocking), kUnblockingPurpose, signature);
  if (!proven) {
    return tl::unexpected(proven.error());
  }
  if (!*proven) {
    return refused(403, "unblocking.proof-wrong");
  }
  const auto recorded = stores_.unblockings.recordUnblockingRelease(transaction, clock_.now());
  if (!recorded) {
    return store::asError(recorded.error(), unblocking->state == UnblockingState::Done
                                                ? "unblocking.done"
                                                : "unblocking.stopped");
  }
  auto current = production::derivePuk(hsm_, unblocking->cardNumber, unblocking->epoch);
  auto next = production::derivePuk(hsm_, unblocking->cardNumber, unblocking->epoch + 1);
  if (!current || !next) {
    return tl::unexpected(!current ? current.error() : next.error());
  }
  return Puks{*std::move(current), *std::move(next), recorded->releases};
}

Result<void> UnblockingService::commit(const std::string& transaction, const store::Bytes& receipt,
                                       const store::Bytes& signature) {
  const auto unblocking = find(transaction);
  if (!unblocking) {
    return tl::unexpected(unblocking.error());
  }
  if (unblocking->state == UnblockingState::Begun) {
    return refused(409, "unblocking.not-released");
  }
  if (unblocking->state == UnblockingState::Refused) {
    return refused(409, "unblocking.stopped");
  }
  const auto right = isSignedReceipt(stores_.cards, challengeOf(*unblocking), receipt, signature);
  if (!right) {
    return tl::unexpected(right.error());
  }
  if (!*right) {
    return refused(403, "unblocking.receipt-wrong");
  }
  const auto committed =
      stores_.unblockings.commitUnblocking(transaction, sha256Hex(receipt), clock_.now());
  return committed ? Result<void>() : store::asError(committed.error());
}

Result<void> UnblockingService::reportRefused(const std::string& transaction,
                                              const std::string& cardNumber) {
  const auto unblocking = find(transaction);
  if (!unblocking) {
    return tl::unexpected(unblocking.error());
  }
  if (unblocking->cardNumber != cardNumber) {
    return refused(404, "unblocking.unknown-transaction");
  }
  const auto reported = stores_.unblockings.refuseUnblocking(transaction, clock_.now());
  if (!reported && reported.error().code == store::ErrorCode::WrongState) {
    return refused(409, "unblocking.not-released");
  }
  return reported ? Result<void>() : store::asError(reported.error());
}

Result<UnblockingState> UnblockingService::state(const std::string& transaction) {
  const auto unblocking = find(transaction);
  if (!unblocking) {
    return tl::unexpected(unblocking.error());
  }
  return unblocking->state;
}

}  // namespace fncard::server::activation

// SPDX-License-Identifier: Apache-2.0
#include "server/activation/suspension.h"

#include "server/base/hash.h"
#include "server/store/errors.h"

namespace fncard::server::activation {
namespace {

constexpr const char* kActor = "applicant";

Result<void> answerOf(const store::Result<void>& stored) {
  if (stored) {
    return {};
  }
  return store::asError(stored.error(), "suspension.not-active");
}

}  // namespace

Result<void> Suspension::check(const store::Order& order, const Proof& proof) {
  const auto checked = signIn_.check(order.permitNumber, proof.userCode);
  if (!checked) {
    return tl::unexpected(checked.error());
  }
  if (checked->id != order.id || !equalSecrets(order.cardNumber, proof.cardNumber)) {
    return refused(403, "suspension.refused");
  }
  return {};
}

Result<void> Suspension::suspend(const store::Order& order, const Proof& proof) {
  const auto checked = check(order, proof);
  return checked ? answerOf(store_.suspendCard(order.id, kActor, clock_.now())) : checked;
}

Result<void> Suspension::resume(const store::Order& order, const Proof& proof) {
  const auto checked = check(order, proof);
  return checked ? answerOf(store_.resumeCard(order.id, kActor, clock_.now())) : checked;
}

}  // namespace fncard::server::activation

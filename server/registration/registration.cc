// SPDX-License-Identifier: Apache-2.0
#include "server/registration/registration.h"

#include <spdlog/spdlog.h>

#include "server/base/random.h"
#include "server/base/text.h"
#include "server/base/time.h"
#include "server/registration/permit_number.h"
#include "server/session/sign_in.h"
#include "server/store/errors.h"

namespace fncard::server::registration {
namespace {

/// Why an application is refused before the registry is asked; empty when it is not.
std::string refusalOf(const Application& application) {
  if (!application.bearerConfirmed) {
    return "registration.bearer-not-confirmed";
  }
  switch (checkPermitNumber(application.permitNumber)) {
    case PermitNumberCheck::WrongForm:
      return "registration.permit-format";
    case PermitNumberCheck::WrongCheckDigit:
      return "registration.permit-check-digit";
    case PermitNumberCheck::Good:
      break;
  }
  return {};
}

/// Why the registry's record refuses it; empty when it does not.
std::string refusalOf(const PermitRecord& record, Time now) {
  switch (record.status) {
    case PermitStatus::Unknown:
      return "registration.permit-unknown";
    case PermitStatus::Expired:
      return "registration.permit-expired";
    case PermitStatus::Revoked:
      return "registration.permit-revoked";
    case PermitStatus::NotHolder:
      return "registration.not-holder";
    case PermitStatus::Valid:
      break;
  }
  const auto birth = parseDateText(record.birthDate);
  if (!birth || ageOn(*birth, taipeiDate(now)) < kMinimumAge) {
    return "registration.under-age";
  }
  // the certificate's own rule: better now than when the fee is paid and the card cannot be made
  if (characters(record.name) == 0) {
    return "registration.name-refused";
  }
  return {};
}

store::Order orderFrom(const Application& application, Time now) {
  store::Order order;
  order.id = randomIdentifier();
  order.permitNumber = application.permitNumber;
  order.phone = application.phone;
  order.email = application.email;
  order.language = application.language;
  order.profile = application.profile;
  order.createdAt = now;
  order.state = store::OrderState::AwaitingRegistry;
  return order;
}

}  // namespace

Time deadlineOf(Time appliedAt) {
  const std::chrono::sys_days day = taipeiDate(appliedAt);
  return endOfDay(day + std::chrono::days(kDaysToPay));
}

Result<Registered> Registration::refuseAtOnce(const std::string& code, const std::string& actor) {
  const auto recorded = store_.recordRefusedApplication(code, actor, clock_.now());
  if (!recorded) {
    return store::asError(recorded.error());
  }
  return refused(422, code);
}

Result<Registered> Registration::apply(const Application& application,
                                       const store::Idempotency& idempotency,
                                       const std::string& actor) {
  const auto before = store_.made(idempotency);
  if (!before) {
    return store::asError(before.error());
  }
  if (before->has_value()) {
    auto order = store_.order(**before);
    if (!order) {
      return store::asError(order.error());
    }
    return Registered{.order = *std::move(order), .repeated = true};
  }
  if (const std::string refusal = refusalOf(application); !refusal.empty()) {
    return refuseAtOnce(refusal, actor);
  }
  const Time now = clock_.now();
  Registered registered{.order = orderFrom(application, now)};
  if (const auto record = registry_.look(application.permitNumber); record) {
    if (const std::string refusal = refusalOf(*record, now); !refusal.empty()) {
      return refuseAtOnce(refusal, actor);
    }
    registered.userCode = session::makeUserCode();
    const auto hash = hasher_.hash(registered.userCode);
    if (!hash) {
      return tl::unexpected(hash.error());
    }
    registered.order.state = store::OrderState::Applied;
    registered.order.applicant = {.name = record->name, .birthDate = record->birthDate};
    registered.order.deadline = deadlineOf(now);
    registered.order.userCodeHash = *hash;
  }
  auto stored = store_.registerApplication(registered.order, idempotency, actor);
  if (!stored) {
    return stored.error().code == store::ErrorCode::OrderExists
               ? refused(409, "registration.order-exists")
               : store::asError(stored.error());
  }
  if (stored->repeated) {
    return Registered{.order = std::move(stored->order), .repeated = true};
  }
  return registered;
}

Result<std::string> Registration::renewUserCode(const std::string& orderId,
                                                const store::Idempotency& idempotency,
                                                const std::string& actor) {
  const auto order = store_.order(orderId);
  if (!order) {
    return store::asError(order.error());
  }
  std::string userCode = session::makeUserCode();
  auto hash = hasher_.hash(userCode);
  if (!hash) {
    return tl::unexpected(hash.error());
  }
  const auto repeated = store_.renewUserCode(
      orderId, {*std::move(hash), session::attemptSubject(order->permitNumber)}, idempotency, actor,
      clock_.now());
  if (!repeated) {
    return store::asError(repeated.error(), "registration.order-over");
  }
  return *repeated ? std::string() : userCode;
}

int Registration::retryAwaiting() {
  const auto waiting = store_.ordersIn(store::OrderState::AwaitingRegistry);
  int decided = 0;
  if (!waiting) {
    return decided;
  }
  for (const store::Order& order : *waiting) {
    const auto record = registry_.look(order.permitNumber);
    if (!record && record.error().answered) {
      // this one's alone: an officer finds the order by its state
      spdlog::warn("order {}: the registry: {}", order.id, record.error().detail);
      continue;
    }
    if (!record) {
      break;  // it is still silent; the rest would only wait for it one by one
    }
    const Time now = clock_.now();
    const std::string refusal = refusalOf(*record, now);
    const auto stored = refusal.empty()
                            ? store_.acceptAwaiting(
                                  order.id, {.name = record->name, .birthDate = record->birthDate},
                                  deadlineOf(now), now)
                            : store_.refuseAwaiting(order.id, refusal, now);
    decided += stored ? 1 : 0;
  }
  return decided;
}

}  // namespace fncard::server::registration

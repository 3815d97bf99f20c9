// SPDX-License-Identifier: Apache-2.0
#include "server/activation/activation.h"

#include <algorithm>

#include "server/activation/receipt.h"
#include "server/base/hash.h"
#include "server/base/random.h"
#include "server/store/errors.h"
#include "trust/certificate.h"

namespace fncard::server::activation {
namespace {

using store::ActivationState;
using store::OrderState;

constexpr std::string_view kProofLabel = "fncard activation 1";
constexpr std::size_t kNonceBytes = 32;

store::Bytes provenData(const store::Activation& activation) {
  store::Bytes data(kProofLabel.begin(), kProofLabel.end());
  data.insert(data.end(), activation.transaction.begin(), activation.transaction.end());
  data.insert(data.end(), activation.nonce.begin(), activation.nonce.end());
  data.insert(data.end(), activation.cardNumber.begin(), activation.cardNumber.end());
  return data;
}

/// Which of permit number and code was wrong is not told; that tries run out is.
tl::unexpected<Error> withoutTelling(Error error) {
  if (error.code == "session.refused") {
    return refused(403, "activation.refused");
  }
  if (error.code == "session.refused-warning") {
    error.code = "activation.refused";
    error.sentence = "session.refused-warning";
  }
  return tl::unexpected(std::move(error));
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

Result<Begun> ActivationService::begin(const BeginRequest& request,
                                       const store::Idempotency& idempotency) {
  const auto order = signIn_.check(request.permitNumber, request.userCode);
  if (!order) {
    return withoutTelling(order.error());
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
    return activation.error().code == store::ErrorCode::WrongState
               ? refused(409, "activation.not-mailed")
               : store::asError(activation.error());
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

Result<store::Certificate> ActivationService::certificateOf(const store::Activation& activation,
                                                            store::CertificateUse use) {
  const auto certificates = store_.certificatesOfCard(activation.cardNumber);
  if (!certificates) {
    return store::asError(certificates.error());
  }
  const auto found = std::ranges::find(*certificates, use, &store::Certificate::use);
  if (found == certificates->end()) {
    return failed("a mailed card has no such certificate");
  }
  return *found;
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
  const auto certificate = certificateOf(*activation, store::CertificateUse::CardAuthentication);
  if (!certificate) {
    return tl::unexpected(certificate.error());
  }
  const auto read = trust::Certificate::read(certificate->der);
  if (!read) {
    return failed("the store has a certificate that is none");
  }
  if (!trust::verifySignature(read->publicKey, provenData(*activation), signature)) {
    return refused(403, "activation.proof-wrong");
  }
  const auto recorded = store_.recordRelease(transaction, clock_.now());
  if (!recorded) {
    // only now may it have become active or refused
    return recorded.error().code == store::ErrorCode::WrongState
               ? refused(409, "activation.already-active")
               : store::asError(recorded.error());
  }
  return production::deriveTransportPin(hsm_, activation->cardNumber);
}

Result<void> ActivationService::checkReceipt(const store::Activation& activation,
                                             const store::Bytes& receipt,
                                             const store::Bytes& signature) {
  const auto signing = certificateOf(activation, store::CertificateUse::Signature);
  const auto encryption = certificateOf(activation, store::CertificateUse::KeyManagement);
  if (!signing || !encryption) {
    return tl::unexpected(!signing ? signing.error() : encryption.error());
  }
  const auto read = trust::Certificate::read(signing->der);
  if (!read) {
    return failed("the store has a certificate that is none");
  }
  if (!isReceipt(receipt, activation, signing->der, encryption->der) ||
      !trust::verifySignature(read->publicKey, receipt, signature)) {
    return refused(403, "activation.receipt-wrong");
  }
  return {};
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
  const auto right = checkReceipt(*activation, receipt, signature);
  if (!right) {
    return right;
  }
  const auto committed = store_.commitActivation(transaction, sha256Hex(receipt), clock_.now());
  if (!committed) {
    return committed.error().code == store::ErrorCode::WrongState
               ? refused(409, "activation.not-mailed")
               : store::asError(committed.error());
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

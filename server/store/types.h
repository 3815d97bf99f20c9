// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "server/base/clock.h"
#include "server/store/order_state.h"

/// The values that the store keeps.
namespace fncard::server::store {

using Bytes = std::vector<unsigned char>;

enum class ErrorCode {
  NotFound,
  WrongState,           ///< the intent does not fit the state that the thing is in
  OrderExists,          ///< this permit number has an order that is not over
  IdempotencyConflict,  ///< the same key came with other content
  NotUnique,            ///< a random number that somebody has already: make another one
  Busy,  ///< the database is held by another for too long, or out of reach: try again
  Failed
};
struct Error {
  ErrorCode code = ErrorCode::Failed;
  std::string detail;
};
template <typename T>
using Result = tl::expected<T, Error>;

/// Makes a writing call repeatable: who calls, the caller's key, and a hash of what was asked for.
struct Idempotency {
  std::string scope;
  std::string key;
  std::string requestHash;
};

struct Applicant {
  std::string name;       ///< UTF-8, as on the permit
  std::string birthDate;  ///< "YYYY-MM-DD"
};

struct Order {
  std::string id;
  std::string permitNumber;
  Applicant applicant;
  std::string phone;
  std::string email;
  std::string language;
  std::string profile;  ///< "rsa2048", "p256", "p384"
  OrderState state = OrderState::Applied;
  std::string refusal;  ///< error code, of a refused order
  Time createdAt{};
  Time deadline{};           ///< of the payment; the epoch while the registry has not answered
  std::string userCodeHash;  ///< Argon2id
  std::string deliveryAddress;
  std::string cardNumber;     ///< from the payment on
  std::string subjectSerial;  ///< 16 digits, in the certificates
  std::string mailNumber;
};

struct OrderEvent {
  Time at{};
  std::string actor;
  std::string from;  ///< empty: the first
  std::string to;
};

enum class PaymentState { Open, Notified, Paid, Refund };

/// One try to pay an order: a trade number that is never used again.
struct Payment {
  std::string merchantTradeNo;
  std::string orderId;
  int amount = 0;
  PaymentState state = PaymentState::Open;
  Time createdAt{};
  std::string tradeNo;  ///< the gateway's, once it has said one
  std::string invoiceKind;
  std::string invoiceValue;
  Time askAfter{};  ///< when the gateway is asked about it, while it is open or notified
};

/// Money that came and bought nothing: it must go back.
struct Refund {
  std::string merchantTradeNo;
  std::string tradeNo;
  int amount = 0;
  std::string reason;  ///< "order-purged", "paid-twice"
  Time createdAt{};
};

enum class JobState { Open, Claimed, Certified, Checked, Mailed, Spoiled };

/// One card to be made.
struct Job {
  std::string id;
  std::string orderId;
  std::string cardNumber;
  JobState state = JobState::Open;
  std::string station;  ///< who claimed it
  std::string expiry;   ///< "YYYY-MM-DD", printed on the card
  std::string spoilReason;
  std::string replacement;  ///< job of the card that is made instead
};

enum class CertificateUse { Signature, KeyManagement, CardAuthentication };
enum class CertificateStatus { Good, OnHold, Revoked };

/// Why a card is revoked; the value is the certificates' reason (RFC 5280 §5.3.1).
enum class RevocationReason {
  Lost = 1,            ///< keyCompromise: lost, stolen, or its PIN is known
  DataChanged = 3,     ///< affiliationChanged: permit number, name or nationality
  NoLongerNeeded = 5,  ///< cessationOfOperation: the holder's wish, or death
  PermitWithdrawn = 9  ///< privilegeWithdrawn
};

struct Certificate {
  std::string serial;  ///< upper-case hex
  std::string jobId;
  CertificateUse use = CertificateUse::Signature;
  Bytes der;
  std::string publicKeyHash;  ///< SHA-256 of the SubjectPublicKeyInfo, hex
  unsigned crlShard = 0;
  CertificateStatus status = CertificateStatus::OnHold;
  int reason = 0;  ///< RFC 5280 §5.3.1
  Time since{};    ///< of the status
};

enum class ActivationState { Begun, Released, Active, Refused };

struct Activation {
  std::string transaction;
  std::string orderId;
  std::string cardNumber;
  Bytes nonce;
  ActivationState state = ActivationState::Begun;
};

enum class UnblockingState { Begun, Released, Done, Refused };

/// One unblocking of a card's PIN.
struct Unblocking {
  std::string transaction;
  std::string orderId;
  std::string cardNumber;
  Bytes nonce;
  long long epoch = 0;  ///< of the card's PUK before it: how often the card was unblocked
  UnblockingState state = UnblockingState::Begun;
  long long releases = 0;  ///< how often the PUKs were given
};

struct Operator {
  std::string serial;  ///< of the certificate
  std::string name;
  std::string role;  ///< "officer", "station"
  Time addedAt{};
  std::optional<Time> withdrawnAt;
};

struct Crl {
  Bytes der;
  long long changes = 0;  ///< of the shard, when it was made
  Time nextUpdate{};
};

std::string_view name(PaymentState state);
std::string_view name(JobState state);           ///< as in docs/api.md: "open", "claimed", …
std::string_view name(RevocationReason reason);  ///< as in docs/api.md: "lost", "data-changed", …
std::string_view name(CertificateUse use);
std::string_view name(CertificateStatus status);  ///< "good", "on-hold", "revoked"
std::string_view name(ActivationState state);
std::string_view name(UnblockingState state);

}  // namespace fncard::server::store

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/audit/audit.h"
#include "server/store/turn.h"
#include "server/store/types.h"

/// What the server remembers, by intent. Each call that changes something is one durable database
/// transaction with its audit entry: after it returns, no power cut takes it back; when it fails,
/// nothing has happened, but for a connection to PostgreSQL that is lost while it commits: then
/// Busy, and the same call again does it once. `actor` is who did it (audit::Event), `at` when.
namespace fncard::server::store {

class OrderStore {
 public:
  virtual ~OrderStore() = default;

  /// What an idempotency key stands for already: the identifier of what it made, or nothing.
  virtual Result<std::optional<std::string>> made(const Idempotency& idempotency) = 0;

  struct Registered {
    Order order;
    bool repeated = false;  ///< the key had made it before
  };
  /// order.state is Applied, or AwaitingRegistry.
  virtual Result<Registered> registerApplication(const Order& order, const Idempotency& idempotency,
                                                 const std::string& actor) = 0;
  /// An application that was refused at once leaves an audit entry alone.
  virtual Result<void> recordRefusedApplication(const std::string& code, const std::string& actor,
                                                Time at) = 0;
  /// The registry answered at last.
  virtual Result<void> acceptAwaiting(const std::string& orderId, const Applicant& applicant,
                                      Time deadline, Time at) = 0;
  virtual Result<void> refuseAwaiting(const std::string& orderId, const std::string& code,
                                      Time at) = 0;
  struct NewUserCode {
    std::string hash;
    std::string attemptSubject;  ///< wrong tries of the old one, which end with it
  };
  /// true: the key had made a new code before, and the stored hash stays.
  virtual Result<bool> renewUserCode(const std::string& orderId, const NewUserCode& code,
                                     const Idempotency& idempotency, const std::string& actor,
                                     Time at) = 0;
  /// Applied → Purged; personal data is deleted.
  virtual Result<void> purge(const std::string& orderId, Time at) = 0;
  /// Deletes the personal data of orders that were revoked or expired before a time; at most so
  /// many, because others wait meanwhile. Gives how many there were.
  virtual Result<int> eraseClosed(Time closedBefore, Time at, int most) = 0;
  /// For what time does by itself: one node is enough for it. Null: another node has the turn.
  virtual Result<std::unique_ptr<Turn>> upkeepTurn() = 0;

  virtual Result<Order> order(const std::string& orderId) = 0;
  /// The order of a permit number that is not over.
  virtual Result<Order> openOrder(const std::string& permitNumber) = 0;
  virtual Result<std::vector<OrderEvent>> events(const std::string& orderId) = 0;
  virtual Result<std::vector<Order>> orders() = 0;
  virtual Result<std::vector<Order>> ordersIn(OrderState state) = 0;
  /// Applied and past its deadline.
  virtual Result<std::vector<Order>> overdue(Time at) = 0;
};

class PaymentStore {
 public:
  virtual ~PaymentStore() = default;

  /// Payments of one order, so that nobody makes the gateway be asked without end.
  static constexpr int kMostPayments = 20;
  /// Opens a payment and keeps the delivery address; the same key gives the payment it had made.
  /// NotUnique: the order has kMostPayments.
  virtual Result<Payment> openPayment(const Payment& payment, const std::string& deliveryAddress,
                                      const Idempotency& idempotency) = 0;
  virtual Result<Payment> payment(const std::string& merchantTradeNo) = 0;
  virtual Result<std::vector<Payment>> paymentsOf(const std::string& orderId) = 0;
  /// The gateway said that it is paid; the query that confirms it is still to come.
  virtual Result<void> recordNotification(const std::string& merchantTradeNo,
                                          const std::string& tradeNo, Time at) = 0;
  /// Open or notified ones whose time has come to ask the gateway, the earliest first, whatever
  /// became of their order.
  virtual Result<std::vector<Payment>> paymentsToAsk(Time now, int most) = 0;
  /// The gateway said that it is not paid: when to ask again.
  virtual Result<void> askPaymentAgain(const std::string& merchantTradeNo, Time after) = 0;

  /// What becomes of an order that is paid.
  struct NewCard {
    std::string jobId;
    std::string cardNumber;
    std::string subjectSerial;
  };
  struct Trade {
    std::string tradeNo;  ///< the gateway's
    int amount = 0;       ///< NT$ that were paid
  };
  enum class Paid { Accepted, Repeated, Refund };
  /// Applied → Paid with a production job. Money of another amount, or for an order that is purged
  /// or paid already, becomes a refund case. Once for each merchantTradeNo and tradeNo. NotUnique:
  /// take another card number.
  virtual Result<Paid> markPaid(const std::string& merchantTradeNo, const Trade& trade,
                                const NewCard& card, Time at) = 0;
  virtual Result<std::vector<Refund>> refunds() = 0;
};

class ProductionStore {
 public:
  virtual ~ProductionStore() = default;

  /// The oldest open job, or the one that the key had claimed; Paid → InProduction.
  virtual Result<std::optional<Job>> claimJob(const Idempotency& idempotency,
                                              const std::string& station, const std::string& expiry,
                                              Time at) = 0;
  virtual Result<Job> job(const std::string& jobId) = 0;
  virtual Result<std::vector<Job>> jobs() = 0;
  /// The job's certificates that are not replaced by others.
  virtual Result<std::vector<Certificate>> certificatesOf(const std::string& jobId) = 0;
  /// Revokes those the job had. NotUnique: a key was certified for another card.
  virtual Result<void> recordCertificates(const std::string& jobId,
                                          const std::vector<Certificate>& certificates,
                                          const std::string& actor, Time at) = 0;
  virtual Result<void> markChecked(const std::string& jobId, const std::string& actor, Time at) = 0;
  virtual Result<void> markMailed(const std::string& jobId, const std::string& mailNumber,
                                  const std::string& actor, Time at) = 0;
  /// The card is waste: its certificates are revoked and the order gets another card. A job that
  /// was spoiled already keeps its replacement. Gives the replacement's identifier.
  virtual Result<std::string> spoil(const std::string& jobId, const std::string& reason,
                                    const std::string& newJobId, const std::string& newCardNumber,
                                    const std::string& actor, Time at) = 0;
};

class ActivationStore {
 public:
  virtual ~ActivationStore() = default;

  /// The transaction of the card: the one there is, or this new one. WrongState: the order is not
  /// mailed.
  virtual Result<Activation> beginActivation(const Activation& activation,
                                             const Idempotency& idempotency, Time at) = 0;
  virtual Result<Activation> activation(const std::string& transaction) = 0;
  /// Begun → Released; also when it is released already.
  virtual Result<void> recordRelease(const std::string& transaction, Time at) = 0;
  /// Released → Active, order Mailed → Activated, certificates OnHold → Good; also when that is so
  /// already.
  virtual Result<void> commitActivation(const std::string& transaction,
                                        const std::string& receiptHash, Time at) = 0;
  /// Released → Refused: the transport PIN was used before; the card stays on hold.
  virtual Result<void> recordTamper(const std::string& transaction, Time at) = 0;
  /// The certificates on a card that is in use or about to be.
  virtual Result<std::vector<Certificate>> certificatesOfCard(const std::string& cardNumber) = 0;
};

class UnblockingStore {
 public:
  virtual ~UnblockingStore() = default;

  /// The card's transaction that is not done, or this new one, whose epoch is set here. WrongState:
  /// the order is neither activated nor in the middle of its activation, or has another card.
  virtual Result<Unblocking> beginUnblocking(const Unblocking& unblocking,
                                             const Idempotency& idempotency, Time at) = 0;
  virtual Result<Unblocking> unblocking(const std::string& transaction) = 0;
  /// Begun or Released → Released, counted.
  virtual Result<Unblocking> recordUnblockingRelease(const std::string& transaction, Time at) = 0;
  /// Released → Refused, for good; also when that is so already.
  virtual Result<void> refuseUnblocking(const std::string& transaction, Time at) = 0;
  /// Released → Done; also when that is so already.
  virtual Result<void> commitUnblocking(const std::string& transaction,
                                        const std::string& receiptHash, Time at) = 0;
};

class CardStatusStore {
 public:
  virtual ~CardStatusStore() = default;

  /// Activated → Suspended, certificates Good → OnHold; also when that is so already.
  virtual Result<void> suspendCard(const std::string& orderId, const std::string& actor,
                                   Time at) = 0;
  /// Suspended → Activated, certificates OnHold → Good; also when that is so already.
  virtual Result<void> resumeCard(const std::string& orderId, const std::string& actor,
                                  Time at) = 0;
  /// Mailed, Activated or Suspended → Revoked, certificates → Revoked; also when that is so
  /// already, and then with the first reason.
  virtual Result<void> revokeCard(const std::string& orderId, RevocationReason reason,
                                  const std::string& actor, Time at) = 0;
  /// Orders whose card's last day was before today ("YYYY-MM-DD", in Taipei) → Expired, at most so
  /// many. The certificates' own validity ends with it; their status stays. Gives how many there
  /// were.
  virtual Result<int> expireCards(const std::string& today, Time at, int most) = 0;
};

class SessionStore {
 public:
  virtual ~SessionStore() = default;

  /// Counts a try to sign in before it is checked, so that tries at the same time count too.
  struct Attempt {
    int failures = 0;  ///< with this one
    Time lockedUntil{};
    bool locked = false;  ///< before this try: it is not to be checked
  };
  /// lockTime: for how long so many failures in a row lock; zero when not.
  using LockTime = std::function<std::chrono::seconds(int failures)>;
  virtual Result<Attempt> reserveAttempt(const std::string& subjectHash, const LockTime& lockTime,
                                         Time at) = 0;
  /// The try was right.
  virtual Result<void> clearAttempts(const std::string& subjectHash) = 0;

  virtual Result<void> saveSession(const std::string& tokenHash, const std::string& orderId,
                                   Time expiresAt, Time at) = 0;
  /// The order of a session that has not expired.
  virtual Result<std::string> session(const std::string& tokenHash, Time at) = 0;
  /// A session that was used lives on, when that is at least so much longer; never shorter.
  virtual Result<void> extendSession(const std::string& tokenHash, Time expiresAt,
                                     std::chrono::seconds atLeast) = 0;
  /// Also when there is none.
  virtual Result<void> endSession(const std::string& tokenHash, Time at) = 0;
  /// Deletes sessions that have expired, and tries to sign in and idempotency keys of 30 days ago.
  virtual Result<void> forgetOld(Time at) = 0;
};

class StatusStore {
 public:
  virtual ~StatusStore() = default;
  virtual Result<Certificate> certificate(const std::string& serial) = 0;
  /// Those of a shard that are OnHold or Revoked.
  virtual Result<std::vector<Certificate>> notGood(unsigned crlShard) = 0;
  /// How often a status in the shard has changed.
  virtual Result<long long> changes(unsigned crlShard) = 0;
  /// For making the shard's CRL; waits at most ten seconds (Busy) for another node's.
  virtual Result<std::unique_ptr<Turn>> crlTurn(unsigned crlShard) = 0;
  virtual Result<Crl> crl(unsigned crlShard) = 0;
  /// The number of the next CRL of the shard: each is given once (RFC 5280 §5.2.3).
  virtual Result<long long> nextCrlNumber(unsigned crlShard) = 0;
  virtual Result<void> saveCrl(unsigned crlShard, const Crl& crl) = 0;
};

class OperatorStore {
 public:
  virtual ~OperatorStore() = default;
  virtual Result<void> addOperator(const Operator& newOperator) = 0;
  virtual Result<std::vector<Operator>> operators() = 0;
  virtual Result<Operator> operatorOf(const std::string& serial) = 0;
  /// All certificates of a name; NotFound when it has none that is not withdrawn.
  virtual Result<void> withdrawOperator(const std::string& name, Time at) = 0;
};

class AuditStore {
 public:
  virtual ~AuditStore() = default;
  /// Those that have a chain, in order.
  virtual Result<std::vector<std::string>> auditNodes() = 0;
  /// At most limit entries of a node's chain behind a sequence number, in order.
  virtual Result<std::vector<audit::Entry>> auditEntries(const std::string& node, long long behind,
                                                         int limit) = 0;
};

class Store : public OrderStore,
              public PaymentStore,
              public ProductionStore,
              public ActivationStore,
              public UnblockingStore,
              public CardStatusStore,
              public SessionStore,
              public StatusStore,
              public OperatorStore,
              public AuditStore {};

}  // namespace fncard::server::store

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/store/sql/records.h"
#include "server/store/store.h"

namespace fncard::server::store::sql {

/// The store over SQL; one file an interface.
class SqlStore final : public Store {
 public:
  SqlStore(std::unique_ptr<Dialect> dialect, std::string node)
      : database_(std::move(dialect), std::move(node)) {}
  Database& database() { return database_; }

  // sql_orders.cc
  Result<std::optional<std::string>> made(const Idempotency& idempotency) override;
  Result<Registered> registerApplication(const Order& order, const Idempotency& idempotency,
                                         const std::string& actor) override;
  Result<void> recordRefusedApplication(const std::string& code, const std::string& actor,
                                        Time at) override;
  Result<void> acceptAwaiting(const std::string& orderId, const Applicant& applicant, Time deadline,
                              Time at) override;
  Result<void> refuseAwaiting(const std::string& orderId, const std::string& code,
                              Time at) override;
  Result<bool> renewUserCode(const std::string& orderId, const NewUserCode& code,
                             const Idempotency& idempotency, const std::string& actor,
                             Time at) override;
  Result<void> purge(const std::string& orderId, Time at) override;
  Result<int> eraseClosed(Time closedBefore, Time at, int most) override;
  Result<std::unique_ptr<Turn>> upkeepTurn() override;
  Result<Order> order(const std::string& orderId) override;
  Result<Order> openOrder(const std::string& permitNumber) override;
  Result<std::vector<OrderEvent>> events(const std::string& orderId) override;
  Result<std::vector<Order>> orders() override;
  Result<std::vector<Order>> ordersIn(OrderState state) override;
  Result<std::vector<Order>> overdue(Time at) override;

  // sql_payments.cc
  Result<Payment> openPayment(const Payment& payment, const std::string& deliveryAddress,
                              const Idempotency& idempotency) override;
  Result<Payment> payment(const std::string& merchantTradeNo) override;
  Result<std::vector<Payment>> paymentsOf(const std::string& orderId) override;
  Result<void> recordNotification(const std::string& merchantTradeNo, const std::string& tradeNo,
                                  Time at) override;
  Result<std::vector<Payment>> paymentsToAsk(Time now, int most) override;
  Result<void> askPaymentAgain(const std::string& merchantTradeNo, Time after) override;
  Result<Paid> markPaid(const std::string& merchantTradeNo, const Trade& trade, const NewCard& card,
                        Time at) override;
  Result<std::vector<Refund>> refunds() override;

  // sql_production.cc
  Result<std::optional<Job>> claimJob(const Idempotency& idempotency, const std::string& station,
                                      const std::string& expiry, Time at) override;
  Result<Job> job(const std::string& jobId) override;
  Result<std::vector<Job>> jobs() override;
  Result<std::vector<Certificate>> certificatesOf(const std::string& jobId) override;
  Result<void> recordCertificates(const std::string& jobId,
                                  const std::vector<Certificate>& certificates,
                                  const std::string& actor, Time at) override;
  Result<void> markChecked(const std::string& jobId, const std::string& actor, Time at) override;
  Result<void> markMailed(const std::string& jobId, const std::string& mailNumber,
                          const std::string& actor, Time at) override;
  Result<std::string> spoil(const std::string& jobId, const std::string& reason,
                            const std::string& newJobId, const std::string& newCardNumber,
                            const std::string& actor, Time at) override;

  // sql_activation.cc
  Result<Activation> beginActivation(const Activation& activation, const Idempotency& idempotency,
                                     Time at) override;
  Result<Activation> activation(const std::string& transaction) override;
  Result<void> recordRelease(const std::string& transaction, Time at) override;
  Result<void> commitActivation(const std::string& transaction, const std::string& receiptHash,
                                Time at) override;
  Result<void> recordTamper(const std::string& transaction, Time at) override;
  Result<std::vector<Certificate>> certificatesOfCard(const std::string& cardNumber) override;

  // sql_sessions.cc
  Result<Attempt> reserveAttempt(const std::string& subjectHash, const LockTime& lockTime,
                                 Time at) override;
  Result<void> clearAttempts(const std::string& subjectHash) override;
  Result<void> saveSession(const std::string& tokenHash, const std::string& orderId, Time expiresAt,
                           Time at) override;
  Result<std::string> session(const std::string& tokenHash, Time at) override;
  Result<void> forgetOld(Time at) override;

  // sql_browser_sessions.cc
  Result<void> extendSession(const std::string& tokenHash, Time expiresAt,
                             std::chrono::seconds atLeast) override;
  Result<void> endSession(const std::string& tokenHash, Time at) override;

  // sql_unblocking.cc
  Result<Unblocking> beginUnblocking(const Unblocking& unblocking, const Idempotency& idempotency,
                                     Time at) override;
  Result<Unblocking> unblocking(const std::string& transaction) override;
  Result<Unblocking> recordUnblockingRelease(const std::string& transaction, Time at) override;
  Result<void> refuseUnblocking(const std::string& transaction, Time at) override;
  Result<void> commitUnblocking(const std::string& transaction, const std::string& receiptHash,
                                Time at) override;

  // sql_card_status.cc
  Result<void> suspendCard(const std::string& orderId, const std::string& actor, Time at) override;
  Result<void> resumeCard(const std::string& orderId, const std::string& actor, Time at) override;
  Result<void> revokeCard(const std::string& orderId, RevocationReason reason,
                          const std::string& actor, Time at) override;
  Result<int> expireCards(const std::string& today, Time at, int most) override;

  // sql_status.cc
  Result<Certificate> certificate(const std::string& serial) override;
  Result<std::vector<Certificate>> notGood(unsigned crlShard) override;
  Result<long long> changes(unsigned crlShard) override;
  Result<std::unique_ptr<Turn>> crlTurn(unsigned crlShard) override;
  Result<Crl> crl(unsigned crlShard) override;
  Result<long long> nextCrlNumber(unsigned crlShard) override;
  Result<void> saveCrl(unsigned crlShard, const Crl& crl) override;

  // sql_operators.cc
  Result<void> addOperator(const Operator& newOperator) override;
  Result<std::vector<Operator>> operators() override;
  Result<Operator> operatorOf(const std::string& serial) override;
  Result<void> withdrawOperator(const std::string& name, Time at) override;
  Result<std::vector<std::string>> auditNodes() override;
  Result<std::vector<audit::Entry>> auditEntries(const std::string& node, long long behind,
                                                 int limit) override;

 private:
  Database database_;
};

}  // namespace fncard::server::store::sql

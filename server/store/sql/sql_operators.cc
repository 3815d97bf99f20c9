// SPDX-License-Identifier: Apache-2.0
#include "server/base/time.h"
#include "server/store/sql/sql_store.h"

namespace fncard::server::store::sql {
namespace {

struct OperatorRow {
  static constexpr const char* kSelect =
      "SELECT serial, name, role, added_at, withdrawn_at FROM operators";
  Operator found;
  long long addedAt = 0;
  long long withdrawnAt = 0;
  void into(soci::statement& statement) {
    statement.exchange(soci::into(found.serial));
    statement.exchange(soci::into(found.name));
    statement.exchange(soci::into(found.role));
    statement.exchange(soci::into(addedAt));
    statement.exchange(soci::into(withdrawnAt));
  }
  [[nodiscard]] Operator value() const {
    Operator result = found;
    result.addedAt = timeOfSeconds(addedAt);
    if (withdrawnAt != 0) {
      result.withdrawnAt = timeOfSeconds(withdrawnAt);
    }
    return result;
  }
};

struct EntryRow {
  audit::Entry entry;
  long long at = 0;
  void into(soci::statement& statement) {
    statement.exchange(soci::into(entry.sequence));
    statement.exchange(soci::into(at));
    for (std::string* text : {&entry.event.actor, &entry.event.action, &entry.event.subject,
                              &entry.event.detail, &entry.previous, &entry.hash}) {
      statement.exchange(soci::into(*text));
    }
  }
  [[nodiscard]] audit::Entry value() const {
    audit::Entry result = entry;
    result.at = timeOfSeconds(at);
    return result;
  }
};

}  // namespace

Result<void> SqlStore::addOperator(const Operator& newOperator) {
  return database_.write([&](Session& session) -> Result<void> {
    execute(session,
            "INSERT INTO operators (serial, name, role, added_at)"
            " VALUES (:serial, :name, :role, :at)",
            newOperator.serial, newOperator.name, newOperator.role, secondsOf(newOperator.addedAt));
    appendAudit(
        session, newOperator.addedAt,
        {kSystem, "operator.added", newOperator.serial, newOperator.role + ":" + newOperator.name});
    return {};
  });
}

Result<std::vector<Operator>> SqlStore::operators() {
  return database_.read([&](Session& session) -> Result<std::vector<Operator>> {
    return select<OperatorRow>(session,
                               OperatorRow::kSelect + std::string(" ORDER BY added_at, name"));
  });
}

Result<Operator> SqlStore::operatorOf(const std::string& serial) {
  return database_.read([&](Session& session) {
    return selectOne<OperatorRow>(
        session, "operator", OperatorRow::kSelect + std::string(" WHERE serial = :serial"), serial);
  });
}

Result<void> SqlStore::withdrawOperator(const std::string& name, Time at) {
  return database_.write([&](Session& session) -> Result<void> {
    const long long changed = execute(session,
                                      "UPDATE operators SET withdrawn_at = :at"
                                      " WHERE name = :name AND withdrawn_at = 0",
                                      secondsOf(at), name);
    if (changed == 0) {
      return fail(ErrorCode::NotFound, "operator");
    }
    appendAudit(session, at, {kSystem, "operator.withdrawn", name, ""});
    return {};
  });
}

Result<std::vector<std::string>> SqlStore::auditNodes() {
  return database_.read([&](Session& session) -> Result<std::vector<std::string>> {
    return select<TextRow>(session, "SELECT DISTINCT node FROM audit ORDER BY node");
  });
}

Result<std::vector<audit::Entry>> SqlStore::auditEntries(const std::string& node, long long behind,
                                                         int limit) {
  return database_.read([&](Session& session) -> Result<std::vector<audit::Entry>> {
    return select<EntryRow>(session,
                            "SELECT sequence, at, actor, action, subject, detail, previous, hash"
                            " FROM audit WHERE node = :node AND sequence > :behind"
                            " ORDER BY sequence LIMIT :limit",
                            node, behind, limit);
  });
}

}  // namespace fncard::server::store::sql

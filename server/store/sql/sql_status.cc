// SPDX-License-Identifier: Apache-2.0
#include "server/base/time.h"
#include "server/store/sql/sql_store.h"

namespace fncard::server::store::sql {
namespace {

struct CrlRow {
  Crl crl;
  std::string der;
  long long nextUpdate = 0;
  void into(soci::statement& statement) {
    statement.exchange(soci::into(der));
    statement.exchange(soci::into(crl.changes));
    statement.exchange(soci::into(nextUpdate));
  }
  [[nodiscard]] Crl value() const {
    return {.der = bytesOf(der), .changes = crl.changes, .nextUpdate = timeOfSeconds(nextUpdate)};
  }
};

}  // namespace

Result<Certificate> SqlStore::certificate(const std::string& serial) {
  return database_.read([&](Session& session) {
    return selectOne<CertificateRow>(
        session, "certificate", CertificateRow::kSelect + std::string(" WHERE c.serial = :serial"),
        serial);
  });
}

Result<std::vector<Certificate>> SqlStore::notGood(unsigned crlShard) {
  return database_.read([&](Session& session) -> Result<std::vector<Certificate>> {
    const long long shard = crlShard;
    return select<CertificateRow>(
        session,
        CertificateRow::kSelect + std::string(" WHERE c.crl_shard = :shard"
                                              " AND c.status <> 'good' ORDER BY c.serial"),
        shard);
  });
}

Result<long long> SqlStore::changes(unsigned crlShard) {
  return database_.read([&](Session& session) -> Result<long long> {
    const long long shard = crlShard;
    const auto rows = select<NumberRow>(
        session, "SELECT changes FROM crl_shards WHERE crl_shard = :shard", shard);
    return rows.empty() ? 0 : rows.front();
  });
}

Result<std::unique_ptr<Turn>> SqlStore::crlTurn(unsigned crlShard) {
  return database_.turn(kFirstCrlTurn + static_cast<int>(crlShard));
}

Result<Crl> SqlStore::crl(unsigned crlShard) {
  return database_.read([&](Session& session) {
    const long long shard = crlShard;
    return selectOne<CrlRow>(session, "CRL",
                             "SELECT der, der_changes, next_update FROM crl_shards"
                             " WHERE crl_shard = :shard AND der <> ''",
                             shard);
  });
}

Result<long long> SqlStore::nextCrlNumber(unsigned crlShard) {
  return database_.write([&](Session& session) -> Result<long long> {
    const long long shard = crlShard;
    execute(session,
            "INSERT INTO crl_shards (crl_shard, changes, last_number, der, der_changes,"
            " next_update) VALUES (:shard, 0, 1, '', 0, 0) ON CONFLICT (crl_shard)"
            " DO UPDATE SET last_number = crl_shards.last_number + 1",
            shard);
    return select<NumberRow>(session, "SELECT last_number FROM crl_shards WHERE crl_shard = :shard",
                             shard)
        .front();
  });
}

Result<void> SqlStore::saveCrl(unsigned crlShard, const Crl& crl) {
  return database_.write([&](Session& session) -> Result<void> {
    const long long shard = crlShard;
    execute(session,
            "UPDATE crl_shards SET der = :der, der_changes = :changes, next_update = :next"
            " WHERE crl_shard = :shard",
            storedBytes(crl.der), crl.changes, secondsOf(crl.nextUpdate), shard);
    return {};
  });
}

}  // namespace fncard::server::store::sql

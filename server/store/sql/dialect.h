// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <soci/soci.h>

#include <memory>
#include <string>

#include "server/store/types.h"

/// What the two databases do differently. Everything else in sql/ is the same for both.
namespace fncard::server::store::sql {

/// What an exception means for the transaction that it ended.
enum class FailureKind {
  Final,
  Conflict,   ///< another transaction was faster: the same again may succeed
  Duplicate,  ///< a key that another transaction may have written meanwhile
  Lost        ///< the connection is gone, and with it what was not committed
};
struct Failure {
  Error error;
  FailureKind kind = FailureKind::Final;
};

/// A text that no column can hold, so that nothing stored is equal to it.
class UnstorableText : public std::runtime_error {
 public:
  UnstorableText() : std::runtime_error("a text that cannot be stored") {}
};

class Dialect {
 public:
  virtual ~Dialect() = default;

  /// Connects, also again, and sets what every connection has. Throws.
  virtual void open(soci::session& connection) const = 0;

  /// Begins a transaction whose result is as if no other ran beside it.
  [[nodiscard]] virtual const char* begin() const = 0;

  /// Ends a SELECT of work to do, so that two nodes do not take the same row.
  [[nodiscard]] virtual const char* taken() const = 0;

  /// Whether nodes take turns by advisory locks; a SQLite file has one node.
  [[nodiscard]] virtual bool hasTurns() const = 0;

  /// Of the exception that is being handled.
  [[nodiscard]] virtual Failure failure(soci::session& connection) const = 0;
};

/// WAL, synchronous=FULL. Throws when the file cannot be used.
std::unique_ptr<Dialect> sqlite(const std::string& path);

/// A connection URI of libpq.
std::unique_ptr<Dialect> postgresql(const std::string& uri);

}  // namespace fncard::server::store::sql

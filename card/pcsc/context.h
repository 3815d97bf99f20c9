// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>
#include <winscard.h>

#include "card/error.h"

namespace fncard::card::pcsc {

/// The process that opened a PC/SC handle. pcscd is not fork-safe: in a child the parent's handles
/// are never used, not even to close them, because both would talk on the same socket.
class OwnerProcess {
 public:
  OwnerProcess();
  [[nodiscard]] bool isCurrent() const;

 private:
  pid_t id_;
};

/// An SCARDCONTEXT, released when it goes.
class Context {
 public:
  static Result<Context> establish();
  ~Context();
  Context(Context&& other) noexcept;
  Context& operator=(Context&& other) noexcept;

  [[nodiscard]] SCARDCONTEXT handle() const { return handle_; }
  /// False in a child of the process that established it.
  [[nodiscard]] bool usable() const { return valid_ && owner_.isCurrent(); }

 private:
  explicit Context(SCARDCONTEXT handle) : handle_(handle), valid_(true) {}
  void release();

  SCARDCONTEXT handle_ = 0;
  bool valid_ = false;
  OwnerProcess owner_;
};

}  // namespace fncard::card::pcsc

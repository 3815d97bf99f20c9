// SPDX-License-Identifier: Apache-2.0
#include "card/pcsc/context.h"

#include <unistd.h>

#include <utility>

#include "card/pcsc/pcsc_error.h"

namespace fncard::card::pcsc {

OwnerProcess::OwnerProcess() : id_(getpid()) {}

bool OwnerProcess::isCurrent() const {
  return id_ == getpid();
}

Result<Context> Context::establish() {
  SCARDCONTEXT handle = 0;
  const LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &handle);
  if (code != SCARD_S_SUCCESS) {
    return tl::unexpected(toError(code, "SCardEstablishContext"));
  }
  return Context(handle);
}

Context::Context(Context&& other) noexcept
    : handle_(other.handle_), valid_(std::exchange(other.valid_, false)), owner_(other.owner_) {}

Context& Context::operator=(Context&& other) noexcept {
  if (this != &other) {
    release();
    handle_ = other.handle_;
    valid_ = std::exchange(other.valid_, false);
    owner_ = other.owner_;
  }
  return *this;
}

Context::~Context() {
  release();
}

void Context::release() {
  if (std::exchange(valid_, false) && owner_.isCurrent()) {
    SCardReleaseContext(handle_);
  }
}

}  // namespace fncard::card::pcsc

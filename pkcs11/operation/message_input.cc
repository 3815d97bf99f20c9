// SPDX-License-Identifier: Apache-2.0
#include "pkcs11/operation/message_input.h"

namespace fncard::pkcs11 {

Result<MessageInput> MessageInput::start(std::optional<Hash> hash, std::size_t limit) {
  MessageInput input(limit);
  if (hash) {
    auto hasher = Hasher::start(*hash);
    if (!hasher) {
      return passOn(hasher);
    }
    input.hasher_ = std::move(*hasher);
  }
  return input;
}

Status MessageInput::update(ByteView part) {
  if (hasher_) {
    return hasher_->update(part);
  }
  if (part.size() > limit_ - collected_.size()) {
    return refuse(CKR_DATA_LEN_RANGE, "longer than the mechanism takes");
  }
  collected_.insert(collected_.end(), part.begin(), part.end());
  return {};
}

Result<Bytes> MessageInput::finish() {
  if (hasher_) {
    return hasher_->finish();
  }
  return std::move(collected_);
}

}  // namespace fncard::pkcs11

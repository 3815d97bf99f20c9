// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "card/wire/bytes.h"
#include "pkcs11/status.h"

namespace fncard::pkcs11 {

/// Bytes that a caller hands in.
struct Input {
  const CK_BYTE* data = nullptr;
  CK_ULONG size = 0;

  [[nodiscard]] Result<ByteView> view() const {
    if (data == nullptr && size != 0) {
      return nullArgument("data");
    }
    return ByteView(data, size);
  }
};

/// A caller's buffer by the convention of PKCS #11 §5.2: without a buffer the length is asked, and
/// a buffer that is too small is told the length that it needs.
class Output {
 public:
  Output(CK_BYTE* data, CK_ULONG* size) : data_(data), size_(size) {}

  [[nodiscard]] bool asksLength() const { return data_ == nullptr; }
  [[nodiscard]] bool valid() const { return size_ != nullptr; }

  /// Sets the length. CKR_BUFFER_TOO_SMALL when there is a buffer that does not hold it.
  Status announce(std::size_t size) {
    const bool holds = asksLength() || *size_ >= size;
    *size_ = size;
    if (!holds) {
      return refuse(CKR_BUFFER_TOO_SMALL, "the buffer is too small");
    }
    return {};
  }

  /// After announce() of the same size.
  void write(ByteView bytes) {
    std::ranges::copy(bytes, data_);
    *size_ = bytes.size();
  }

 private:
  CK_BYTE* data_;
  CK_ULONG* size_;
};

/// Gives a list to a caller by the convention of §5.2.
template <typename Items, typename Item>
Status giveList(const Items& items, Item* list, CK_ULONG* count) {
  const bool holds = list == nullptr || *count >= items.size();
  *count = items.size();
  if (!holds) {
    return refuse(CKR_BUFFER_TOO_SMALL, "the list is longer");
  }
  if (list != nullptr) {
    std::ranges::copy(items, list);
  }
  return {};
}

}  // namespace fncard::pkcs11

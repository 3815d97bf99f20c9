// SPDX-License-Identifier: Apache-2.0
// The one TLV reader: values lie inside the input one after the other, an error moves nothing, and
// what is written again reads the same.
#include "card/wire/tlv.h"

#include "tests/fuzz/input.h"

namespace {

using namespace fncard;

constexpr int kMaxDepth = 8;
constexpr std::size_t kMaxWritten = 0xFFFF;  // appendTlv's limit

void readAll(ByteView bytes, int depth) {
  wire::TlvReader reader(bytes);
  const std::uint8_t* at = bytes.data();
  while (!reader.atEnd()) {
    const auto tlv = reader.next();
    if (!tlv) {
      const auto again = reader.next();
      fuzz::require(!again && again.error() == tlv.error(), "an error leaves the reader in place");
      return;
    }
    fuzz::require(tlv->value.data() >= at + 2, "a value comes after its tag and length");
    at = tlv->value.data() + tlv->value.size();
    fuzz::require(at <= bytes.data() + bytes.size(), "a value ends inside the input");
    if (tlv->value.size() <= kMaxWritten) {
      const Bytes written = wire::encodeTlv(tlv->tag, tlv->value);
      const auto found = wire::findTlv(written, tlv->tag);
      fuzz::require(found && Bytes(found->begin(), found->end()) ==
                                 Bytes(tlv->value.begin(), tlv->value.end()),
                    "what is written reads the same");
    }
    const auto first = wire::findTlv(bytes, tlv->tag);
    fuzz::require(first && first->data() <= tlv->value.data(), "findTlv gives the first");
    if (depth < kMaxDepth) {
      readAll(tlv->value, depth + 1);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  readAll({bytes, size}, 0);
  return 0;
}

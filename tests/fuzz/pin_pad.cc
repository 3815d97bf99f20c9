// SPDX-License-Identifier: Apache-2.0
// What a reader's driver says of its PIN pad (PC/SC part 10).
#include "card/pcsc/pin_pad_features.h"
#include "tests/fuzz/input.h"

namespace {

using namespace fncard;

void append(Bytes& out, std::uint8_t tag, const std::optional<std::uint32_t>& code) {
  if (code) {
    out.insert(out.end(), {tag, 4});
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
      out.push_back(static_cast<std::uint8_t>(*code >> shift));
    }
  }
}

Bytes encode(const card::pcsc::PadFeatures& features) {
  Bytes out;
  append(out, 0x06, features.verifyPinDirect);
  append(out, 0x07, features.modifyPinDirect);
  append(out, 0x0A, features.pinProperties);
  append(out, 0x12, features.tlvProperties);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const ByteView input(bytes, size);
  if (const auto features = card::pcsc::parseFeatures(input)) {
    const Bytes written = encode(*features);
    fuzz::require(written.size() <= size && size % 6 == 0, "every entry has six bytes");
    const auto again = card::pcsc::parseFeatures(written);
    fuzz::require(again && encode(*again) == written, "what is written reads the same");
  }
  card::PinPad pad;
  card::pcsc::applyPinProperties(input, pad);
  card::pcsc::applyTlvProperties(input, pad);
  fuzz::require(pad.maxDigits > 0, "a pad takes digits");
  fuzz::require(!pad.canVerify && !pad.canModify, "properties make no pad");
  return 0;
}

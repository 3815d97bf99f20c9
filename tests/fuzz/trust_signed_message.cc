// SPDX-License-Identifier: Apache-2.0
// What a relying party reads from a signed message (CMS), DER, BER or PEM, with and without
// content.
#include <algorithm>

#include "tests/fuzz/input.h"
#include "trust/signed_message.h"

namespace {

using namespace fncard;

/// What the detached seeds sign.
const trust::Bytes kContent = {'I', ' ', 'h', 'e', 'r', 'e', 'b', 'y',
                               ' ', 'a', 'g', 'r', 'e', 'e', '.'};

void checkForm(const trust::SignedMessage& message, std::size_t size) {
  fuzz::require(!message.signers.empty() && message.signers.size() <= 16, "1 to 16 signers");
  fuzz::require(message.certificates.size() <= 64, "at most 64 certificates");
  fuzz::require(message.content.size() <= std::max(size, kContent.size()),
                "the content is part of the input");
  for (const trust::Signer& signer : message.signers) {
    fuzz::require(!signer.signature || signer.certificate, "who signed is known");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const trust::Bytes input(bytes, bytes + size);
  for (const bool withContent : {false, true}) {
    const auto message =
        trust::SignedMessage::read(input, withContent ? std::optional(kContent) : std::nullopt);
    if (!message) {
      continue;
    }
    checkForm(*message, size);
    trust::Bytes other = message->content;
    other.push_back(0);
    const auto same = trust::SignedMessage::read(input, message->content);
    const auto changed = trust::SignedMessage::read(input, other);
    fuzz::require(same && changed, "it reads the same with whatever content");
    for (std::size_t i = 0; i < message->signers.size(); ++i) {
      const bool right = message->signers[i].signature.has_value();
      fuzz::require(same->signers[i].signature.has_value() == right, "the answer does not change");
      fuzz::require(!right || !changed->signers[i].signature, "one content is right and no other");
    }
  }
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// What the agent reads from the browser's extension: whatever is taken is within its bounds.
#include "agent/native/message.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace fncard;
  using namespace fncard::agent;
  const auto call = native::parseCall(ByteView(bytes, size));
  if (!call) {
    return 0;
  }
  fuzz::require(size <= native::kMaxMessage, "a message has at most 8,192 bytes");
  const auto& origin = call->request.origin.text();
  fuzz::require(operations::Origin::parse(origin) == call->request.origin,
                "an origin that is taken reads the same again");
  fuzz::require(origin.starts_with("https://") || origin.starts_with("http://localhost") ||
                    origin.starts_with("http://127.0.0.1") || origin.starts_with("http://[::1]"),
                "without TLS only this PC");
  if (const auto* const signIn = std::get_if<operations::Authenticate>(&call->request.action)) {
    fuzz::require(signIn->challengeNonce.size() >= operations::Authenticate::kMinNonce &&
                      signIn->challengeNonce.size() <= operations::Authenticate::kMaxNonce,
                  "a nonce has 44 to 128 bytes");
  }
  if (const auto* const sign = std::get_if<operations::SignHash>(&call->request.action)) {
    fuzz::require(sign->hash.size() == card::digestSize(sign->function),
                  "a hash is as long as its function says");
    fuzz::require(!sign->certificate.empty() && sign->certificate.size() < size,
                  "a certificate comes out of the message");
  }
  if (const auto* const sign = std::get_if<operations::SignDocument>(&call->request.action)) {
    fuzz::require(sign->sha256.size() == card::digestSize(card::Hash::Sha256) &&
                      !sign->name.empty() &&
                      sign->name.size() <= operations::SignDocument::kMaxName,
                  "a document has a name and a digest");
  }
  const auto answer = native::encodeAnswer(*call, tl::unexpected(operations::Refusal::Cancelled));
  fuzz::require(!answer.empty(), "each call gets an answer");
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// What a relying party reads from a certificate, DER or PEM.
#include "tests/fuzz/input.h"
#include "trust/certificate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace fncard;
  const auto certificate = trust::Certificate::read(trust::Bytes(bytes, bytes + size));
  if (!certificate) {
    return 0;
  }
  fuzz::require(size <= 16'384, "a certificate has at most 16 KiB");
  fuzz::require(!certificate->der.empty() && certificate->der.size() <= size,
                "the DER is part of the input");
  fuzz::require(!certificate->publicKey.empty() && !certificate->serial.empty(),
                "a certificate has a key and a number");
  const auto again = trust::Certificate::read(certificate->der);
  fuzz::require(
      again && again->subject == certificate->subject && again->serial == certificate->serial &&
          again->notBefore == certificate->notBefore && again->notAfter == certificate->notAfter &&
          again->policies == certificate->policies && again->ocspUrls == certificate->ocspUrls &&
          again->publicKey == certificate->publicKey,
      "its DER reads the same");
  return 0;
}

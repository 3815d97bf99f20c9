// SPDX-License-Identifier: Apache-2.0
// The certificate in a certificate object, plain or compressed: a gzip bomb stops at 16 KiB.
#include "card/piv/certificate_object.h"

#include "card/piv/administration.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace fncard;
  namespace piv = card::piv;
  const auto der = piv::parseCertificateObject({bytes, size});
  if (!der) {
    fuzz::require(der.error().code == card::ErrorCode::Malformed ||
                      der.error().code == card::ErrorCode::ObjectNotFound,
                  "refused as malformed or empty");
    return 0;
  }
  fuzz::require(!der->empty() && der->size() <= card::kMaxCertificate,
                "a certificate has 1 byte to 16 KiB");
  const auto again = piv::parseCertificateObject(piv::encodeCertificateObject(*der));
  fuzz::require(again && *again == *der, "what is written reads the same");
  return 0;
}

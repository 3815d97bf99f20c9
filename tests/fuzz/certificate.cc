// SPDX-License-Identifier: Apache-2.0
// What the card library and the module read from a certificate on a card: they agree on the key.
#include "pkcs11/certificate.h"

#include <openssl/err.h>

#include "card/certificate_key.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace fncard;
  const ByteView input(bytes, size);
  const auto algorithm = card::keyAlgorithmOfCertificate(input);
  const auto fields = pkcs11::readCertificate(input);
  ERR_clear_error();
  if (!fields) {
    return 0;
  }
  fuzz::require(algorithm && *algorithm == fields->algorithm, "both find the same key");
  const std::size_t keySize = card::keySize(fields->algorithm);
  if (card::isRsa(fields->algorithm)) {
    fuzz::require(fields->modulus.size() == keySize, "the modulus has the size of the key");
    fuzz::require(fields->ecPoint.empty(), "an RSA key has no point");
  } else {
    fuzz::require(fields->ecPoint.size() == 2 * keySize + 1, "the point is uncompressed");
    fuzz::require(fields->modulus.empty(), "an EC key has no modulus");
  }
  fuzz::require(!fields->subject.empty() && !fields->issuer.empty() &&
                    !fields->serialNumber.empty() && !fields->subjectPublicKeyInfo.empty(),
                "every object of the key can say whose it is");
  for (const std::string& date : {fields->notBefore, fields->notAfter}) {
    fuzz::require(date.empty() || date.size() == 8, "a date has the form of CK_DATE");
  }
  const auto again = pkcs11::readCertificate(fields->der);
  fuzz::require(again && again->subject == fields->subject, "it reads the same again");
  return 0;
}

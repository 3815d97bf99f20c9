// SPDX-License-Identifier: Apache-2.0
// What the card library and the module read from a certificate on a card: they agree on the key.
#include "pkcs11/certificate.h"

#include <openssl/err.h>

#include "card/certificate_key.h"
#include "tests/fuzz/input.h"

namespace {

using namespace fncard;

void checkKey(const pkcs11::PublicKeyFields& key) {
  const std::size_t keySize = card::keySize(key.algorithm);
  if (card::isRsa(key.algorithm)) {
    fuzz::require(key.modulus.size() == keySize, "the modulus has the size of the key");
    fuzz::require(key.ecPoint.empty(), "an RSA key has no point");
  } else {
    fuzz::require(key.ecPoint.size() == 2 * keySize + 1, "the point is uncompressed");
    fuzz::require(key.modulus.empty(), "an EC key has no modulus");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const ByteView input(bytes, size);
  const auto algorithm = card::keyAlgorithmOfCertificate(input);
  const auto fields = pkcs11::readCertificate(input);
  ERR_clear_error();
  if (!fields) {
    return 0;
  }
  fuzz::require(!fields->subject.empty() && !fields->issuer.empty() &&
                    !fields->serialNumber.empty() && !fields->publicKeyInfo.empty(),
                "a certificate says whose it is");
  if (const auto key = pkcs11::readPublicKey(fields->publicKeyInfo)) {
    checkKey(*key);
    fuzz::require(algorithm && *algorithm == key->algorithm, "both find the same key");
  }
  ERR_clear_error();
  for (const std::string& date : {fields->notBefore, fields->notAfter}) {
    fuzz::require(date.empty() || date.size() == 8, "a date has the form of CK_DATE");
  }
  const auto again = pkcs11::readCertificate(fields->der);
  fuzz::require(again && again->subject == fields->subject, "it reads the same again");
  return 0;
}

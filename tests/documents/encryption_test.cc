// SPDX-License-Identifier: Apache-2.0
#include "documents/encryption.h"

#include <gtest/gtest.h>

#include "tests/trust/openssl_authority.h"

namespace fncard::documents {
namespace {

using trust::Bytes;
using trust::testing::OpenSslAuthority;

const Bytes kContent{'t', 'e', 'x', 't', 0, '\r', '\n'};

TEST(Encryption, IsOpenedByOpensslWithTheKeyOfEachRecipient) {
  const OpenSslAuthority authority;
  std::vector<Bytes> recipients;
  for (const auto& [name, algorithm] :
       {std::pair<const char*, const char*>{"rsa", "RSA -pkeyopt rsa_keygen_bits:2048"},
        {"p256", "EC -pkeyopt ec_paramgen_curve:P-256"},
        {"p384", "EC -pkeyopt ec_paramgen_curve:P-384"}}) {
    authority.makeKeyPair(name, algorithm);
    recipients.push_back(authority.issue(name, "issuing", std::string("/CN=") + name,
                                         "keyUsage=critical,keyEncipherment,keyAgreement\n"));
  }
  const auto message = encrypt(kContent, recipients);
  ASSERT_TRUE(message.has_value()) << message.error().detail;
  authority.write("message", *message);
  for (const char* name : {"rsa", "p256", "p384"}) {
    authority.run(std::string("openssl cms -decrypt -binary -inform DER -in message -recip ") +
                  name + ".pem -inkey " + name + ".key -out opened");
    EXPECT_EQ(authority.read("opened"), kContent) << name;
  }
  authority.run(
      "! openssl cms -decrypt -inform DER -in message -recip issuing.pem -inkey "
      "issuing.key -out opened");
}

TEST(Encryption, OfEqualDocumentsDiffers) {
  const OpenSslAuthority authority;
  const Bytes recipient = authority.issueHolder("holder");
  EXPECT_NE(*encrypt(kContent, {recipient}), *encrypt(kContent, {recipient}));
}

TEST(Encryption, WantsCertificatesOfKeysThatCanDoIt) {
  const OpenSslAuthority authority;
  EXPECT_EQ(encrypt(kContent, {}).error().code, trust::ErrorCode::Malformed);
  EXPECT_EQ(encrypt(kContent, {Bytes(10)}).error().code, trust::ErrorCode::Malformed);
  EXPECT_EQ(encrypt(kContent, std::vector<Bytes>(17, authority.der("issuing"))).error().code,
            trust::ErrorCode::Malformed);
  authority.makeKeyPair("ed", "ED25519");
  const Bytes ed = authority.issue("ed", "issuing", "/CN=ed", "keyUsage=digitalSignature\n");
  EXPECT_EQ(encrypt(kContent, {ed}).error().code, trust::ErrorCode::UnsupportedAlgorithm);
}

}  // namespace
}  // namespace fncard::documents

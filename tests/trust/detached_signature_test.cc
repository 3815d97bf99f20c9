// SPDX-License-Identifier: Apache-2.0
#include "trust/detached_signature.h"

#include <gtest/gtest.h>

#include "tests/trust/openssl_authority.h"
#include "trust/signed_message.h"

namespace fncard::trust {
namespace {

using testing::now;
using testing::OpenSslAuthority;

class ADetachedSignature : public ::testing::Test {
 protected:
  ADetachedSignature() { authority.issueHolder("holder"); }

  /// As `openssl` signs with the holder's key.
  Result<Bytes> sign(const Bytes& bytes) {
    authority.write("to-sign", bytes);
    authority.run("openssl dgst -sha256 -sign holder.key -out signature to-sign");
    return authority.read("signature");
  }
  Bytes certificate() { return Certificate::read(authority.read("holder.pem"))->der; }

  OpenSslAuthority authority;
  const Bytes content{'t', 'e', 'x', 't'};
};

TEST_F(ADetachedSignature, IsReadAsTheSignersOverTheContentAtThatTime) {
  const auto message = makeDetachedSignature(certificate(), sha256(content), now(),
                                             [this](const Bytes& bytes) { return sign(bytes); });
  ASSERT_TRUE(message);
  const auto read = SignedMessage::read(*message, content);
  ASSERT_TRUE(read) << read.error().detail;
  ASSERT_EQ(read->signers.size(), 1U);
  EXPECT_TRUE(read->signers[0].signature);
  EXPECT_EQ(read->signers[0].certificate->der, certificate());
  EXPECT_EQ(read->signers[0].signingTime, std::chrono::floor<std::chrono::seconds>(now()));
  authority.write("message", *message);
  authority.write("content", content);
  authority.run(
      "openssl cms -verify -binary -inform DER -in message -content content -cades "
      "-purpose any -partial_chain -CAfile issuing.pem");
}

TEST_F(ADetachedSignature, PassesTheSignersErrorOn) {
  const auto message = makeDetachedSignature(
      certificate(), sha256(content), now(), [](const Bytes&) -> Result<Bytes> {
        return tl::unexpected(Error{ErrorCode::SignatureWrong, "no card"});
      });
  EXPECT_EQ(message.error().code, ErrorCode::SignatureWrong);
}

TEST_F(ADetachedSignature, SignsNothingWithoutACertificateOrADigest) {
  const auto never = [](const Bytes&) -> Result<Bytes> {
    ADD_FAILURE() << "asked to sign";
    return Bytes();
  };
  for (const Bytes& wrong : {Bytes(), Bytes(31), Bytes(33)}) {
    EXPECT_EQ(makeDetachedSignature(certificate(), wrong, now(), never).error().code,
              ErrorCode::Malformed);
  }
  for (const Bytes& wrong : {Bytes(), Bytes(100)}) {
    EXPECT_EQ(makeDetachedSignature(wrong, sha256(content), now(), never).error().code,
              ErrorCode::Malformed);
  }
}

}  // namespace
}  // namespace fncard::trust

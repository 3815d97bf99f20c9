// SPDX-License-Identifier: Apache-2.0
#include "documents/authorities.h"

#include <gtest/gtest.h>

#include "documents/verification.h"
#include "tests/documents/temporary_folder.h"
#include "tests/trust/openssl_authority.h"
#include "trust/detached_signature.h"

namespace fncard::documents {
namespace {

using trust::testing::now;
using trust::testing::OpenSslAuthority;

std::string textOf(const OpenSslAuthority& authority, const std::string& name) {
  const auto bytes = authority.read(name);
  return {bytes.begin(), bytes.end()};
}

std::optional<trust::Bytes> nobody(const std::string&, const trust::Bytes&) {
  return std::nullopt;
}

TEST(TrustedAuthorities, AreReadFromAFolderInAnyForm) {
  const OpenSslAuthority authority;
  static_cast<void>(authority.der("issuing"));
  const TemporaryFolder folder;
  static_cast<void>(folder.put("a.pem", textOf(authority, "root.pem")));
  static_cast<void>(folder.put("b.cer", textOf(authority, "issuing.der")));
  static_cast<void>(folder.put("c.txt", "nothing"));
  const Authorities read = readAuthorities(folder / "");
  EXPECT_EQ(read.roots.size(), 1U);
  EXPECT_EQ(read.intermediates.size(), 1U);
}

TEST(TrustedAuthorities, AreReadFromOneFileWithSeveral) {
  const OpenSslAuthority authority;
  const TemporaryFolder folder;
  const std::string both = textOf(authority, "issuing.pem") + textOf(authority, "root.pem");
  const Authorities read = readAuthorities(folder.put("both.pem", both));
  EXPECT_EQ(read.roots.size(), 1U);
  EXPECT_EQ(read.intermediates.size(), 1U);
  EXPECT_TRUE(readAuthorities(folder / "none").roots.empty());
}

class ASignedDocument : public ::testing::Test {
 protected:
  ASignedDocument() {
    authority.issueHolder("holder");
    trusted.roots = {authority.der("root")};
    trusted.intermediates = {authority.der("issuing")};
  }
  trust::Bytes sign() {
    return *trust::makeDetachedSignature(
        authority.der("holder"), trust::sha256(content), now(),
        [this](const trust::Bytes& bytes) -> trust::Result<trust::Bytes> {
          authority.write("to-sign", bytes);
          authority.run("openssl dgst -sha256 -sign holder.key -out signature to-sign");
          return authority.read("signature");
        });
  }

  OpenSslAuthority authority;
  Authorities trusted;
  trust::Bytes content{'t', 'e', 'x', 't'};
};

TEST_F(ASignedDocument, IsJudgedSignerBySigner) {
  const auto verdicts = verify(sign(), content, trusted, nobody, now());
  ASSERT_TRUE(verdicts.has_value());
  ASSERT_EQ(verdicts->size(), 1U);
  const SignerVerdict& verdict = verdicts->front();
  EXPECT_TRUE(verdict.signer.signature.has_value());
  ASSERT_TRUE(verdict.verdict.has_value());
  EXPECT_TRUE(verdict.verdict->chain.good);
  EXPECT_TRUE(verdict.verdict->assuranceLevel.good);
  EXPECT_EQ(verdict.verdict->status.code, trust::ErrorCode::StatusUnavailable);
  EXPECT_FALSE(verdict.good()) << "nobody said that it still holds";
}

TEST_F(ASignedDocument, ThatWasChangedIsTold) {
  const trust::Bytes message = sign();
  content.push_back('.');
  const auto verdicts = verify(message, content, trusted, nobody, now());
  ASSERT_TRUE(verdicts.has_value());
  EXPECT_EQ(verdicts->front().signer.signature.error().code, trust::ErrorCode::SignatureWrong);
  EXPECT_FALSE(verdicts->front().good());
}

TEST_F(ASignedDocument, OfAnUnknownAuthorityMakesNobodyBeAsked) {
  bool asked = false;
  const auto verdicts = verify(
      sign(), content, {},
      [&](const std::string&, const trust::Bytes&) { return asked = true, nobody({}, {}); }, now());
  ASSERT_TRUE(verdicts.has_value());
  EXPECT_FALSE(verdicts->front().verdict->chain.good);
  EXPECT_FALSE(asked) << "the address is the stranger's";
}

}  // namespace
}  // namespace fncard::documents

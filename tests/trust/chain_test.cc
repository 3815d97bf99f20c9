// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/trust/openssl_authority.h"
#include "trust/certificate.h"

namespace fncard::trust {
namespace {

using testing::now;
using testing::OpenSslAuthority;

class Chain : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    authority = new OpenSslAuthority;
    root = authority->der("root");
    issuing = authority->der("issuing");
    holder = *Certificate::read(authority->issueHolder("holder"));
  }
  static void TearDownTestSuite() { delete authority; }

  static ErrorCode failure(const Certificate& certificate, const std::vector<Bytes>& intermediates,
                           const std::vector<Bytes>& roots, Time at) {
    const auto chain = verifyChain(certificate, intermediates, roots, at);
    EXPECT_FALSE(chain);
    return chain ? ErrorCode::Malformed : chain.error().code;
  }

  static inline OpenSslAuthority* authority = nullptr;
  static inline Bytes root;
  static inline Bytes issuing;
  static inline Certificate holder;
};

TEST_F(Chain, LeadsToTheRoot) {
  const auto chain = verifyChain(holder, {issuing}, {root}, now());
  EXPECT_TRUE(chain) << chain.error().detail;
}

TEST_F(Chain, NeedsTheIntermediateAndTheRoot) {
  EXPECT_EQ(failure(holder, {}, {root}, now()), ErrorCode::ChainIncomplete);
  EXPECT_EQ(failure(holder, {issuing}, {}, now()), ErrorCode::ChainIncomplete);
  // an intermediate is no anchor, and what comes along is not trusted
  EXPECT_EQ(failure(holder, {}, {issuing}, now()), ErrorCode::ChainIncomplete);
  EXPECT_EQ(failure(holder, {issuing, root}, {}, now()), ErrorCode::ChainIncomplete);
}

TEST_F(Chain, IsJudgedAtTheCallersTime) {
  EXPECT_EQ(failure(holder, {issuing}, {root}, now() - std::chrono::days(2)),
            ErrorCode::NotYetValid);
  EXPECT_EQ(failure(holder, {issuing}, {root}, now() + std::chrono::days(1900)),
            ErrorCode::Expired);
}

TEST_F(Chain, RefusesAnotherAuthorityOfTheSameName) {
  const OpenSslAuthority impostor;
  const auto forged = Certificate::read(impostor.issueHolder("forged"));
  EXPECT_NE(failure(*forged, {impostor.der("issuing")}, {root}, now()), ErrorCode::Malformed);
  EXPECT_NE(failure(*forged, {issuing}, {root}, now()), ErrorCode::Malformed);
}

TEST_F(Chain, RefusesACertificateThatAHolderIssued) {
  const Bytes below = authority->issue("below", "holder", "/CN=Below", "");
  EXPECT_EQ(failure(*Certificate::read(below), {authority->der("holder"), issuing}, {root}, now()),
            ErrorCode::ChainIncomplete);
}

TEST_F(Chain, RefusesAnAuthorityBeyondThePathLength) {
  authority->issue("sub", "issuing", "/CN=Sub",
                   "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n");
  const Bytes leaf = authority->issue("subleaf", "sub", "/CN=Leaf", "");
  EXPECT_EQ(failure(*Certificate::read(leaf), {authority->der("sub"), issuing}, {root}, now()),
            ErrorCode::ChainIncomplete);
}

TEST_F(Chain, RefusesWeakKeysWhateverTheMachinesSettings) {
  authority->makeKeyPair("weak", "RSA -pkeyopt rsa_keygen_bits:1024");
  EXPECT_EQ(failure(*Certificate::read(authority->issueHolder("weak")), {issuing}, {root}, now()),
            ErrorCode::UnsupportedAlgorithm);
}

TEST_F(Chain, RefusesAnIntermediateThatCannotBeRead) {
  EXPECT_EQ(failure(holder, {issuing, {1, 2, 3}}, {root}, now()), ErrorCode::Malformed);
  EXPECT_EQ(failure(holder, std::vector<Bytes>(65, issuing), {root}, now()), ErrorCode::Malformed);
}

TEST_F(Chain, AssertsThePolicyOnlyWhenTheIssuersDo) {
  EXPECT_TRUE(verifyPolicy(holder, {issuing}, {root}, now(), kAssuranceLevel3Policy));
  const auto other = verifyPolicy(holder, {issuing}, {root}, now(), "2.16.886.101.0.3.4");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::WrongAssuranceLevel);
  authority->issue("lowly", "root", "/CN=Lowly",
                   "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
                   "certificatePolicies=2.16.886.101.0.3.1\n");
  const Bytes claims = authority->issue("claims", "lowly", "/CN=Claims", testing::kPolicy);
  const auto certificate = Certificate::read(claims);
  EXPECT_TRUE(verifyChain(*certificate, {authority->der("lowly")}, {root}, now()));
  const auto policy =
      verifyPolicy(*certificate, {authority->der("lowly")}, {root}, now(), kAssuranceLevel3Policy);
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().code, ErrorCode::WrongAssuranceLevel);
}

}  // namespace
}  // namespace fncard::trust

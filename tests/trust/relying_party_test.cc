// SPDX-License-Identifier: Apache-2.0
#include "trust/relying_party.h"

#include <gmock/gmock.h>

#include "tests/trust/openssl_authority.h"

namespace fncard::trust {
namespace {

using testing::now;
using testing::OpenSslAuthority;

class RelyingParty : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    authority = new OpenSslAuthority;
    holder = *Certificate::read(authority->issueHolder("holder"));
    question.intermediates = {authority->der("issuing")};
    question.roots = {authority->der("root")};
  }
  static void TearDownTestSuite() { delete authority; }
  void SetUp() override {
    question.purpose = Purpose::Signature;
    question.at = now() + std::chrono::minutes(1);  // certificates are issued in the tests
    question.status = CertificateStatus::Good;
  }

  /// How many of the six answers are no.
  static int noes(const Verdict& verdict) {
    return 6 - static_cast<int>(verdict.chain.good) - static_cast<int>(verdict.time.good) -
           static_cast<int>(verdict.status.good) - static_cast<int>(verdict.subjectClass.good) -
           static_cast<int>(verdict.assuranceLevel.good) - static_cast<int>(verdict.keyUsage.good);
  }

  static inline OpenSslAuthority* authority = nullptr;
  static inline Certificate holder;
  static inline Question question;
};

TEST_F(RelyingParty, MayRelyOnAGoodCertificate) {
  const Verdict verdict = check(holder, question);
  EXPECT_TRUE(verdict.good()) << verdict.chain.detail << verdict.assuranceLevel.detail;
}

TEST_F(RelyingParty, GetsTheStatusAsAnAnswerOfItsOwn) {
  const std::pair<CertificateStatus, ErrorCode> cases[] = {
      {CertificateStatus::OnHold, ErrorCode::OnHold},
      {CertificateStatus::Revoked, ErrorCode::Revoked},
      {CertificateStatus::Unknown, ErrorCode::StatusUnknown},
  };
  for (const auto& [status, code] : cases) {
    question.status = status;
    const Verdict verdict = check(holder, question);
    EXPECT_EQ(noes(verdict), 1);
    EXPECT_EQ(verdict.status.code, code);
  }
  question.status = tl::unexpected(Error{ErrorCode::StatusUnavailable, "no answer"});
  const Verdict verdict = check(holder, question);
  EXPECT_FALSE(verdict.good());
  EXPECT_EQ(verdict.status.code, ErrorCode::StatusUnavailable);
}

TEST_F(RelyingParty, IsNotToldThatTheStatusIsGoodUnlessItAsked) {
  const Question unasked{.purpose = Purpose::Signature,
                         .intermediates = question.intermediates,
                         .roots = question.roots,
                         .at = now() + std::chrono::minutes(1)};
  EXPECT_EQ(check(holder, unasked).status.code, ErrorCode::StatusUnavailable);
  EXPECT_FALSE(check(holder, unasked).good());
}

TEST_F(RelyingParty, HearsOfTheTimeApartFromThePath) {
  question.at = now() + std::chrono::days(2000);
  const Verdict late = check(holder, question);
  EXPECT_EQ(late.time.code, ErrorCode::Expired);
  EXPECT_EQ(noes(late), 1) << late.chain.detail;
  question.at = now() - std::chrono::days(2);
  EXPECT_EQ(check(holder, question).time.code, ErrorCode::NotYetValid);
}

TEST_F(RelyingParty, HearsThatTheSubjectIsNoPersonOrTheLevelIsLower) {
  const Bytes noPerson = authority->issueHolder("organisation", "");
  const Verdict verdict = check(*Certificate::read(noPerson), question);
  EXPECT_EQ(noes(verdict), 1);
  EXPECT_EQ(verdict.subjectClass.code, ErrorCode::WrongClass);
  const Bytes low = authority->issue(
      "low", "issuing", "/CN=Low",
      std::string("keyUsage=critical,digitalSignature,nonRepudiation\n") + testing::kAttributes);
  const Verdict lower = check(*Certificate::read(low), question);
  EXPECT_EQ(noes(lower), 1);
  EXPECT_EQ(lower.assuranceLevel.code, ErrorCode::WrongAssuranceLevel);
}

TEST_F(RelyingParty, HearsWhenTheKeyIsForAnotherUse) {
  question.purpose = Purpose::Encryption;
  const Verdict verdict = check(holder, question);
  EXPECT_EQ(noes(verdict), 1);
  EXPECT_EQ(verdict.keyUsage.code, ErrorCode::WrongKeyUsage);
  const Bytes agreement = authority->issueHolder("agreement", testing::kAttributes, "keyAgreement");
  EXPECT_TRUE(check(*Certificate::read(agreement), question).good());
  question.purpose = Purpose::Signature;
  const Bytes login = authority->issueHolder("login", testing::kAttributes, "digitalSignature");
  EXPECT_EQ(noes(check(*Certificate::read(login), question)), 1);
  question.purpose = Purpose::Authentication;
  EXPECT_TRUE(check(*Certificate::read(login), question).good());
}

TEST_F(RelyingParty, DoesNotTrustAnotherRoot) {
  const OpenSslAuthority other;
  question.roots = {other.der("root")};
  const Verdict verdict = check(holder, question);
  EXPECT_FALSE(verdict.chain.good);
  EXPECT_FALSE(verdict.assuranceLevel.good);
  EXPECT_TRUE(verdict.status.good);
  question.roots = {authority->der("root")};
}

}  // namespace
}  // namespace fncard::trust

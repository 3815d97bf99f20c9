// SPDX-License-Identifier: Apache-2.0
#include "trust/ocsp.h"

#include <gmock/gmock.h>

#include "tests/trust/openssl_authority.h"

namespace fncard::trust {
namespace {

using ::testing::HasSubstr;
using testing::now;
using testing::OpenSslAuthority;

/// The answers are those of `openssl ocsp`.
class StatusAnswer : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    authority = new OpenSslAuthority;
    issuing = authority->der("issuing");
    for (const char* const name : {"good", "held", "revoked", "unknown"}) {
      authority->issueHolder(name);
    }
    authority->issue("responder", "issuing", "/CN=Responder",
                     "keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\n");
    authority->issue("plain", "issuing", "/CN=Plain", "keyUsage=critical,digitalSignature\n");
    authority->issue("foreign", "root", "/CN=Foreign",
                     "keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\n");
    authority->run(
        ": > index; "
        "line() { printf '%s\\t400101000000Z\\t%s\\t%s\\tunknown\\t/CN=x\\n' $1 \"$2\" "
        "$(openssl x509 -noout -serial -in $3.pem | cut -d= -f2) >> index; }; "
        "line V '' good; line R 260101000000Z,CAhold held; "
        "line R 260101000000Z,keyCompromise revoked");
    authority->run("sed -i s/CAhold/holdInstruction,1.2.840.10040.2.1/ index");
  }
  static void TearDownTestSuite() { delete authority; }

  struct Asked {
    Certificate certificate;
    StatusRequest request;
  };
  static Asked ask(const std::string& name) {
    const auto certificate = Certificate::read(authority->der(name));
    return {*certificate, *makeStatusRequest(*certificate, issuing)};
  }
  static Bytes answer(const Asked& asked, const std::string& signer = "responder",
                      const std::string& options = "") {
    authority->write("request", asked.request.der);
    authority->run("openssl ocsp -index index -CA issuing.pem -rsigner " + signer + ".pem -rkey " +
                   signer + ".key -reqin request -respout response -ndays 1 " + options);
    return authority->read("response");
  }
  static Result<CertificateStatus> read(const Asked& asked, const Bytes& response,
                                        Time at = now()) {
    return readStatusResponse(response, asked.request, asked.certificate, issuing, at);
  }
  static std::string refusal(const Result<CertificateStatus>& status) {
    EXPECT_FALSE(status);
    EXPECT_EQ(status ? ErrorCode::Malformed : status.error().code, ErrorCode::StatusUnavailable);
    return status ? "accepted" : status.error().detail;
  }

  static inline OpenSslAuthority* authority = nullptr;
  static inline Bytes issuing;
};

TEST_F(StatusAnswer, TellsGoodOnHoldRevokedAndUnknown) {
  const std::pair<const char*, CertificateStatus> cases[] = {
      {"good", CertificateStatus::Good},
      {"held", CertificateStatus::OnHold},
      {"revoked", CertificateStatus::Revoked},
      {"unknown", CertificateStatus::Unknown},
  };
  for (const auto& [name, wanted] : cases) {
    const Asked asked = ask(name);
    const auto status = read(asked, answer(asked));
    ASSERT_TRUE(status) << name << ": " << status.error().detail;
    EXPECT_EQ(*status, wanted) << name;
  }
}

TEST_F(StatusAnswer, OfTheIssuerItselfIsTaken) {
  const Asked asked = ask("good");
  EXPECT_TRUE(read(asked, answer(asked, "issuing")));
  EXPECT_TRUE(read(asked, answer(asked, "responder", "-resp_key_id")));
}

TEST_F(StatusAnswer, OfSomebodyNotDelegatedIsRefused) {
  const Asked asked = ask("good");
  EXPECT_THAT(refusal(read(asked, answer(asked, "plain"))), HasSubstr("delegate"));
  EXPECT_THAT(refusal(read(asked, answer(asked, "foreign"))), HasSubstr("delegate"));
  EXPECT_THAT(refusal(read(asked, answer(asked, "responder", "-resp_no_certs"))),
              HasSubstr("delegate"));
}

TEST_F(StatusAnswer, ToAnEarlierQuestionIsRefused) {
  const Asked first = ask("good");
  const Bytes response = answer(first);
  EXPECT_THAT(refusal(read(ask("good"), response)), HasSubstr("nonce"));
}

TEST_F(StatusAnswer, AboutAnotherCertificateIsRefused) {
  Asked asked = ask("good");
  const Bytes response = answer(asked);
  asked.certificate = *Certificate::read(authority->der("held"));
  EXPECT_THAT(refusal(read(asked, response)), HasSubstr("another certificate"));
}

TEST_F(StatusAnswer, OutOfItsTimeIsRefused) {
  const Asked asked = ask("good");
  const Bytes response = answer(asked);
  EXPECT_TRUE(read(asked, response, now() + std::chrono::hours(23)));
  EXPECT_THAT(refusal(read(asked, response, now() + std::chrono::hours(25))),
              HasSubstr("out of date"));
  EXPECT_FALSE(read(asked, response, now() - std::chrono::hours(1)));
}

TEST_F(StatusAnswer, WithAnyBitChangedIsRefusedOrStillTheSame) {
  const Asked asked = ask("revoked");
  const Bytes response = answer(asked);
  for (std::size_t at = 0; at < response.size(); at += 3) {
    Bytes changed = response;
    changed[at] ^= 0x01U;
    const auto status = read(asked, changed);
    EXPECT_TRUE(!status || *status == CertificateStatus::Revoked) << at;
  }
}

TEST_F(StatusAnswer, ThatIsNoneIsRefused) {
  const Asked asked = ask("good");
  EXPECT_FALSE(read(asked, {}));
  EXPECT_FALSE(read(asked, Bytes(70000, 0x30)));
  // OCSPResponse { tryLater }
  EXPECT_THAT(refusal(read(asked, {0x30, 0x03, 0x0A, 0x01, 0x03})), HasSubstr("trylater"));
}

TEST_F(StatusAnswer, EveryQuestionHasItsOwnNonce) {
  const Asked one = ask("good");
  EXPECT_EQ(one.request.nonce.size(), 32U);
  EXPECT_NE(one.request.nonce, ask("good").request.nonce);
}

}  // namespace
}  // namespace fncard::trust

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <openssl/ocsp.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "server/status/status.h"
#include "tests/server/issuance/test_authority.h"
#include "trust/ocsp.h"

namespace fncard::server::status {
namespace {

using namespace issuance::testing;  // NOLINT(google-build-using-namespace)
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Bytes readFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// `openssl ocsp` has no time of its own: these answers are of today.
class Ocsp : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    authority = new TestAuthority(now);
    responder = new Responder(authority->hsm(), authority->certificates());
    root = authority->pem("root", authority->certificates().root);
    issuing = authority->pem("issuing", authority->certificates().issuing);
    const auto key = ecKey();
    auto order = orderFor(key.get());
    order.notBefore = now;
    leaf = *(*authority)->issue(order);
    leafFile = authority->pem("leaf", leaf.der);
  }
  static void TearDownTestSuite() {
    delete responder;
    delete authority;
  }

  /// A request as another program makes it.
  static Bytes ask(const std::string& options) {
    const std::string path = authority->path("request");
    const Output made = run("openssl ocsp -issuer " + issuing + " " + options + " -reqout " + path);
    EXPECT_EQ(made.exitCode, 0) << made.text;
    return readFile(path);
  }
  static Bytes respond(const Bytes& der, const std::vector<Status>& statuses) {
    const auto request = responder->parse(der);
    EXPECT_TRUE(request) << request.error().detail;
    const auto response = responder->respond(*request, statuses, now, now + std::chrono::hours(12));
    EXPECT_TRUE(response) << response.error().detail;
    return response ? *response : Bytes{};
  }
  /// What another program says of the answer: of its signature and nonce by the request, of the
  /// statuses by the certificates or serials.
  static Output checked(const Bytes& response, const std::string& options) {
    const std::string check = "openssl ocsp -respin " + authority->write("response", response) +
                              " -issuer " + issuing + " -CAfile " + root + " -verify_other " +
                              issuing + " ";
    const Output signature = run(check + "-resp_text -reqin " + authority->path("request"));
    const Output statuses = run(check + "-no_nonce " + options);
    return {signature.exitCode + statuses.exitCode, signature.text + statuses.text};
  }

  static inline Time now;
  static inline TestAuthority* authority = nullptr;
  static inline Responder* responder = nullptr;
  static inline issuance::IssuedCertificate leaf;
  static inline std::string root;
  static inline std::string issuing;
  static inline std::string leafFile;
};

const Status kGood{CertificateStatus::Good, Reason::Unspecified, {}};

TEST_F(Ocsp, ReadsTheQuestionOfAnotherProgram) {
  const auto request = responder->parse(ask("-cert " + leafFile));
  ASSERT_TRUE(request);
  ASSERT_EQ(request->questions.size(), 1U);
  EXPECT_EQ(request->questions[0].serial, leaf.serial);
  EXPECT_TRUE(request->questions[0].ofOurIssuer);
  ASSERT_TRUE(request->nonce);
  EXPECT_EQ(request->nonce->size(), 16U);
  const auto sha256 = responder->parse(ask("-no_nonce -sha256 -cert " + leafFile));
  ASSERT_TRUE(sha256);
  EXPECT_TRUE(sha256->questions[0].ofOurIssuer);
  EXPECT_FALSE(sha256->nonce);
}

TEST_F(Ocsp, AGoodAnswerIsVerifiedByOpenSslWithItsNonce) {
  const Output output = checked(respond(ask("-cert " + leafFile), {kGood}), "-cert " + leafFile);
  EXPECT_EQ(output.exitCode, 0) << output.text;
  EXPECT_THAT(output.text, AllOf(HasSubstr("Response verify OK"), HasSubstr(leafFile + ": good"),
                                 HasSubstr("OCSP Nonce"), HasSubstr("Next Update"),
                                 HasSubstr("Signature Algorithm: ecdsa-with-SHA256"),
                                 HasSubstr("OCSP Signing"), Not(HasSubstr("WARNING"))));
}

TEST_F(Ocsp, TheResponderIsNamedByItsKey) {
  const Bytes response = respond(ask("-cert " + leafFile), {kGood});
  const auto parsed = trust::openssl::decoded<
      std::unique_ptr<OCSP_RESPONSE, trust::openssl::FreeWith<OCSP_RESPONSE_free>>,
      d2i_OCSP_RESPONSE>(response);
  const std::unique_ptr<OCSP_BASICRESP, trust::openssl::FreeWith<OCSP_BASICRESP_free>> basic(
      OCSP_response_get1_basic(parsed.get()));
  const ASN1_OCTET_STRING* byKey = nullptr;
  const X509_NAME* byName = nullptr;
  OCSP_resp_get0_id(basic.get(), &byKey, &byName);
  EXPECT_NE(byKey, nullptr);
  EXPECT_EQ(byName, nullptr);
}

TEST_F(Ocsp, OnHoldIsRevokedWithTheReasonCertificateHold) {
  const Status hold{CertificateStatus::OnHold, Reason::Unspecified, now};
  const Output output = checked(respond(ask("-cert " + leafFile), {hold}), "-cert " + leafFile);
  EXPECT_THAT(output.text, AllOf(HasSubstr("Response verify OK"), HasSubstr(leafFile + ": revoked"),
                                 HasSubstr("Reason: certificateHold")));
}

TEST_F(Ocsp, RevokedSaysWhenAndWhy) {
  const Status revoked{CertificateStatus::Revoked, Reason::KeyCompromise, now};
  const Output output = checked(respond(ask("-cert " + leafFile), {revoked}), "-cert " + leafFile);
  EXPECT_THAT(output.text,
              AllOf(HasSubstr(leafFile + ": revoked"), HasSubstr("Reason: keyCompromise"),
                    HasSubstr("Revocation Time: ")));
  const Status unspecified{CertificateStatus::Revoked, Reason::Unspecified, now};
  EXPECT_THAT(checked(respond(ask("-cert " + leafFile), {unspecified}), "-cert " + leafFile).text,
              AllOf(HasSubstr(leafFile + ": revoked"), Not(HasSubstr("Reason:"))));
}

TEST_F(Ocsp, UnknownIsUnknown) {
  const Output output = checked(respond(ask("-serial 0x1234"), {Status{}}), "-serial 0x1234");
  EXPECT_THAT(output.text, AllOf(HasSubstr("Response verify OK"), HasSubstr("0x1234: unknown")));
}

TEST_F(Ocsp, NothingIsSaidOfAnotherIssuersCertificates) {
  const std::string path = authority->path("request");
  run("openssl ocsp -issuer " + root + " -cert " + issuing + " -reqout " + path);
  const auto request = responder->parse(readFile(path));
  ASSERT_TRUE(request);
  EXPECT_FALSE(request->questions[0].ofOurIssuer);
  const Output shown = run("openssl ocsp -noverify -resp_text -respin " +
                           authority->write("foreign", respond(readFile(path), {kGood})));
  EXPECT_THAT(shown.text, HasSubstr("Cert Status: unknown"));
}

TEST_F(Ocsp, ManyQuestionsAreAnsweredInTheirOrder) {
  const Bytes der = ask("-cert " + leafFile + " -serial 0x77 -serial 0x78");
  const Status revoked{CertificateStatus::Revoked, Reason::Superseded, now};
  const Output output = checked(respond(der, {kGood, revoked, Status{}}),
                                "-cert " + leafFile + " -serial 0x77 -serial 0x78");
  EXPECT_THAT(output.text, AllOf(HasSubstr(leafFile + ": good"), HasSubstr("0x77: revoked"),
                                 HasSubstr("0x78: unknown")));
}

TEST_F(Ocsp, AStatusForEachQuestionIsNeeded) {
  const auto request = responder->parse(ask("-cert " + leafFile));
  EXPECT_FALSE(responder->respond(*request, {}, now, now + std::chrono::hours(1)));
  EXPECT_FALSE(responder->respond(*request, {kGood, kGood}, now, now + std::chrono::hours(1)));
}

TEST_F(Ocsp, RefusesWhatIsNoSmallRequest) {
  EXPECT_FALSE(responder->parse({}));
  EXPECT_FALSE(responder->parse({0x30, 0x00}));
  EXPECT_FALSE(responder->parse(Bytes(16385, 0x30)));
  Bytes good = ask("-cert " + leafFile);
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(responder->parse(Bytes(good.begin(), good.begin() + static_cast<long>(size))));
  }
  good.push_back(0);
  EXPECT_FALSE(responder->parse(good));
  std::string many;
  for (int i = 1; i <= 16; ++i) {
    many += " -serial " + std::to_string(i);
  }
  EXPECT_TRUE(responder->parse(ask(many)));
  EXPECT_FALSE(responder->parse(ask(many + " -serial 17")));
}

TEST_F(Ocsp, ANonceHasOneTo32Bytes) {
  const auto withNonce = [](const Bytes& plain, std::size_t size) {
    const unsigned char* next = plain.data();
    OCSP_REQUEST* const request = d2i_OCSP_REQUEST(nullptr, &next, static_cast<long>(plain.size()));
    Bytes nonce(size, 0x5A);
    OCSP_request_add1_nonce(request, nonce.data(), static_cast<int>(size));
    Bytes der = trust::openssl::encoded<i2d_OCSP_REQUEST>(request);
    OCSP_REQUEST_free(request);
    return der;
  };
  const Bytes plain = ask("-no_nonce -cert " + leafFile);
  const auto longest = responder->parse(withNonce(plain, 32));
  ASSERT_TRUE(longest);
  EXPECT_EQ(longest->nonce, Bytes(32, 0x5A));
  EXPECT_FALSE(responder->parse(withNonce(plain, 33)));
}

TEST_F(Ocsp, TheAnswersForBadAndEarlyRequestsAreBare) {
  EXPECT_THAT(run("openssl ocsp -respin " +
                  authority->write("bare", responder->malformedResponse()) + " -resp_text")
                  .text,
              HasSubstr("malformedrequest"));
  EXPECT_THAT(run("openssl ocsp -respin " +
                  authority->write("bare", responder->tryLaterResponse()) + " -resp_text")
                  .text,
              HasSubstr("trylater"));
}

TEST_F(Ocsp, ARelyingPartyReadsWhatTheResponderSays) {
  const auto certificate = trust::Certificate::read(leaf.der);
  const auto& ca = authority->certificates().issuing;
  const std::pair<CertificateStatus, trust::CertificateStatus> cases[] = {
      {CertificateStatus::Good, trust::CertificateStatus::Good},
      {CertificateStatus::OnHold, trust::CertificateStatus::OnHold},
      {CertificateStatus::Revoked, trust::CertificateStatus::Revoked},
      {CertificateStatus::Unknown, trust::CertificateStatus::Unknown},
  };
  for (const auto& [said, heard] : cases) {
    const auto question = trust::makeStatusRequest(*certificate, ca);
    ASSERT_TRUE(question);
    const Bytes answer = respond(question->der, {{said, Reason::Unspecified, now}});
    const auto status = trust::readStatusResponse(answer, *question, *certificate, ca, now);
    ASSERT_TRUE(status) << status.error().detail;
    EXPECT_EQ(*status, heard);
  }
}

TEST_F(Ocsp, ThreadsMayAskAtOnce) {
  const auto request = *responder->parse(ask("-cert " + leafFile));
  std::vector<int> right(4, 0);
  std::vector<std::thread> threads;
  threads.reserve(right.size());
  for (auto& count : right) {
    threads.emplace_back([&] {
      for (int round = 0; round < 25; ++round) {
        count += responder->respond(request, {kGood}, now, now + std::chrono::hours(1)) ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(right, ::testing::Each(25));
}

}  // namespace
}  // namespace fncard::server::status

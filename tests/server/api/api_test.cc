// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "messages/messages.h"
#include "net/base64.h"
#include "tests/server/support/office.h"
#include "trust/certificate.h"
#include "trust/ocsp.h"

namespace fncard::server {
namespace {

using testing::json;
using testing::Reply;
using testing::SoftwareCard;
using testing::TestOffice;

class ApiTest : public ::testing::Test {
 protected:
  net::Response post(const std::string& path, const std::string& body,
                     const std::string& caller = "", net::Headers headers = {}) {
    return office_.send(
        {.method = "POST", .target = path, .headers = std::move(headers), .body = body}, caller);
  }
  static std::string codeOf(const net::Response& response) {
    return json::parse(response.body)["error"]["code"];
  }
  TestOffice office_;
};

TEST_F(ApiTest, OfficersAndStationsDoTheirOwnWorkAlone) {
  const std::vector<std::pair<std::string, std::string>> officer = {
      {"POST", "/api/v1/registrations"},
      {"GET", "/api/v1/registrations/x"},
      {"POST", "/api/v1/registrations/x/user-code"}};
  const std::vector<std::pair<std::string, std::string>> station = {
      {"POST", "/api/v1/production/jobs/claim"},
      {"GET", "/api/v1/production/jobs/x"},
      {"POST", "/api/v1/production/jobs/x/secrets"},
      {"POST", "/api/v1/production/jobs/x/certificates"},
      {"POST", "/api/v1/production/jobs/x/checked"},
      {"POST", "/api/v1/production/jobs/x/mailed"},
      {"POST", "/api/v1/production/jobs/x/spoiled"}};
  for (const auto& [method, path] : officer) {
    for (const std::string caller : {"", "station", "some-token"}) {
      EXPECT_EQ(office_.call(method, path, json::object(), caller).code(), "operator.not-allowed")
          << path << " " << caller;
    }
  }
  for (const auto& [method, path] : station) {
    for (const std::string caller : {"", "officer", "some-token"}) {
      EXPECT_EQ(office_.call(method, path, json::object(), caller).code(), "operator.not-allowed")
          << path << " " << caller;
    }
  }
}

TEST_F(ApiTest, AWithdrawnOperatorOpensNothing) {
  EXPECT_EQ(office_.call("GET", "/api/v1/registrations/x", {}, "officer").status, 404);
  ASSERT_TRUE(office_.store().withdrawOperator("officer-1", testing::kStart));
  EXPECT_EQ(office_.call("GET", "/api/v1/registrations/x", {}, "officer").code(),
            "operator.not-allowed");
}

TEST_F(ApiTest, APageOfAnotherSiteChangesNothing) {
  const auto applicant = office_.apply();
  const std::string path = "/api/v1/registrations/" + applicant.orderId + "/user-code";
  const std::string body = R"({"idempotencyKey":"0123456789abcdef","identified":true})";
  const auto ask = [&](net::Headers headers) {
    headers["host"] = "portal.example:8443";
    const auto answer = post(path, body, "officer", std::move(headers));
    return answer.status == 200 ? std::string("done") : codeOf(answer);
  };
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded",
                           "multipart/form-data; boundary=x", "", "application/jsonp"}) {
    EXPECT_EQ(ask({{"content-type", type}}), "request.media-type") << type;
  }
  EXPECT_EQ(ask({{"origin", "https://evil.example"}}), "request.other-site");
  EXPECT_EQ(ask({{"origin", "null"}}), "request.other-site");
  EXPECT_EQ(ask({{"sec-fetch-site", "cross-site"}}), "request.other-site");
  EXPECT_EQ(ask({{"sec-fetch-site", "same-site"}}), "request.other-site");
  EXPECT_TRUE(office_.signIn(applicant).size() > 0) << "the old code is good";
  EXPECT_EQ(ask({{"origin", "https://portal.example:8443"},
                 {"sec-fetch-site", "same-origin"},
                 {"content-type", "Application/JSON; charset=utf-8"}}),
            "done");
}

TEST_F(ApiTest, BodiesAreReadStrictly) {
  const std::string path = "/api/v1/session";
  for (const std::string body :
       {"", "null", "[]", "{", R"({"permitNumber":"A","permitNumber":"A","userCode":"B"})",
        R"({"a":[[[[[[[[[[1]]]]]]]]]]})", "{\"userCode\":\"\xff\"}"}) {
    EXPECT_EQ(codeOf(post(path, body)), "request.malformed") << body;
  }
  const std::string good = R"({"permitNumber":"A800000014","userCode":"AAAAAAAA"})";
  EXPECT_EQ(codeOf(post(path, good + std::string(1, '\0') + "]]]")), "request.malformed");
  const auto strange = json::parse(
      post(path, R"({"permitNumber":"A","userCode":"B",")" + std::string("\\u001b[31m\":1}"))
          .body)["error"];
  EXPECT_EQ(strange["code"], "request.unknown-member");
  EXPECT_EQ(strange["parameters"]["member"], "…") << "nothing that plays with a terminal";
  EXPECT_EQ(codeOf(post(path, R"({"permitNumber":1,"userCode":"AAAAAAAA"})")),
            "request.invalid-member");
  EXPECT_EQ(codeOf(post(path, R"({"permitNumber":"A800000014"})")), "request.invalid-member");
  EXPECT_EQ(codeOf(post(path, R"({"permitNumber":"A\u0000","userCode":"AAAAAAAA"})")),
            "request.invalid-member");
  const auto unknown =
      post(path, R"({"permitNumber":"A800000014","userCode":"AAAAAAAA","admin":true})");
  EXPECT_EQ(codeOf(unknown), "request.unknown-member");
  EXPECT_EQ(json::parse(unknown.body)["error"]["parameters"]["member"], "admin");
  EXPECT_EQ(
      codeOf(post(path,
                  json{{"permitNumber", std::string(1000, 'A')}, {"userCode", "AAAAAAAA"}}.dump())),
      "request.invalid-member");
}

TEST_F(ApiTest, HostileTextsAreTextsAndNothingElse) {
  const std::string hostile = "'); DROP TABLE orders; --<script>alert(1)</script>";
  office_.registry.records["A800000014"].name = hostile;
  const auto applicant = office_.apply();
  EXPECT_EQ(
      office_.call("GET", "/api/v1/registrations/" + applicant.orderId, {}, "officer").body["name"],
      hostile);
  const Reply paid = office_.call("POST", "/api/v1/order/payment",
                                  {{"idempotencyKey", office_.key()},
                                   {"deliveryAddress", hostile},
                                   {"invoice", {{"kind", "paper"}}}},
                                  office_.signIn(applicant));
  ASSERT_EQ(paid.status, 200) << paid.body;
  EXPECT_EQ(office_.call("GET", "/api/v1/registrations/' OR 1=1", {}, "officer").status, 404);
  EXPECT_EQ(office_.call("GET", "/api/v1/certificates/'OR'1/status").body["status"], "unknown");
}

TEST_F(ApiTest, ErrorsSpeakTheCallersLanguage) {
  const std::string body = R"({"permitNumber":"A800000014","userCode":"AAAAAAAA"})";
  const auto response = post("/api/v1/session", body, "", {{"accept-language", "id-ID,en;q=0.5"}});
  EXPECT_EQ(json::parse(response.body)["error"]["message"],
            messages::text(messages::Language::Indonesian, "session.refused"));
  EXPECT_EQ(response.headers.at("content-language"), "id");
  EXPECT_EQ(office_.call("GET", "/nothing").code(), "request.not-found");
  EXPECT_EQ(office_.call("DELETE", "/ca/root.cer").code(), "request.method-not-allowed");
}

TEST_F(ApiTest, EveryCodeThatTheServerSendsHasItsSentence) {
  for (const char* code :
       {"request.malformed", "request.try-again", "request.server-failed", "request.wrong-state",
        "session.locked", "registration.order-over", "activation.stopped",
        "activation.receipt-wrong", "production.key-used", "payment.page-too-late"}) {
    for (const messages::Language language : messages::languages()) {
      EXPECT_TRUE(messages::has(language, code)) << code << " " << messages::tag(language);
    }
  }
}

class StatusApiTest : public ApiTest {
 protected:
  trust::Result<trust::CertificateStatus> ask(bool byGet) {
    const auto& issuer = office_.authority().certificates().issuing;
    const auto request = trust::makeStatusRequest(certificate_, issuer);
    const auto response =
        byGet ? office_.send(
                    {.method = "GET",
                     .target = "/ocsp/" +
                               net::encodeForm({{"", net::encodeBase64(request->der)}}).substr(1)})
              : post("/ocsp", {request->der.begin(), request->der.end()});
    EXPECT_EQ(response.headers.at("content-type"), "application/ocsp-response");
    return trust::readStatusResponse({response.body.begin(), response.body.end()}, *request,
                                     certificate_, issuer, office_.clock.now());
  }
  std::string crl() {
    const std::string url = certificate_.crlUrls.front();
    const auto response = office_.send({.method = "GET", .target = url.substr(url.find("/crl/"))});
    EXPECT_EQ(response.status, 200);
    return response.body;
  }
  SoftwareCard card_;
  TestOffice::Mailed mailed_ = office_.mailedCard(card_);
  trust::Certificate certificate_ = *trust::Certificate::read(
      *net::decodeBase64(mailed_.certificates["signature"].get<std::string>()));
};

TEST_F(StatusApiTest, OcspAndCrlTellTheChangeInTheNextAnswer) {
  EXPECT_EQ(*ask(false), trust::CertificateStatus::OnHold);
  EXPECT_EQ(*ask(true), trust::CertificateStatus::OnHold);
  const std::string before = crl();
  EXPECT_EQ(crl(), before) << "made once while nothing changes";
  const Reply begun = office_.call("POST", "/api/v1/activations",
                                   {{"idempotencyKey", office_.key()},
                                    {"permitNumber", mailed_.applicant.permitNumber},
                                    {"userCode", mailed_.applicant.userCode},
                                    {"cardNumber", mailed_.cardNumber}});
  const std::string path = "/api/v1/activations/" + begun.body["transaction"].get<std::string>();
  ASSERT_EQ(office_
                .call("POST", path + "/proof",
                      {{"signature", testing::base64(card_.sign(
                                         2, testing::proofFor(begun.body, mailed_.cardNumber)))}})
                .status,
            200);
  const std::string receipt = testing::receiptFor(begun.body, mailed_.certificates);
  ASSERT_EQ(office_
                .call("POST", path + "/receipt",
                      {{"receipt", testing::base64(receipt)},
                       {"signature", testing::base64(card_.sign(0, receipt))}})
                .status,
            200);
  EXPECT_EQ(*ask(false), trust::CertificateStatus::Good);
  EXPECT_EQ(*ask(true), trust::CertificateStatus::Good);
  EXPECT_NE(crl(), before);
}

/// An OCSPRequest without a nonce, as clients of RFC 5019 send it.
std::string plainRequest(const trust::Certificate& certificate, const trust::Bytes& issuer,
                         const EVP_MD* hash) {
  using trust::openssl::FreeWith;
  const auto subject = trust::openssl::decodedCertificate(certificate.der);
  const auto above = trust::openssl::decodedCertificate(issuer);
  const std::unique_ptr<OCSP_REQUEST, FreeWith<OCSP_REQUEST_free>> request(OCSP_REQUEST_new());
  OCSP_request_add0_id(request.get(), OCSP_cert_to_id(hash, subject.get(), above.get()));
  const auto der = trust::openssl::encoded<i2d_OCSP_REQUEST>(request.get());
  return {der.begin(), der.end()};
}

/// Whether the answer is about the certificate as it was named.
bool answers(const std::string& response, const trust::Certificate& certificate,
             const trust::Bytes& issuer, const EVP_MD* hash) {
  using trust::openssl::FreeWith;
  const auto subject = trust::openssl::decodedCertificate(certificate.der);
  const auto above = trust::openssl::decodedCertificate(issuer);
  const unsigned char* next = reinterpret_cast<const unsigned char*>(response.data());
  const std::unique_ptr<OCSP_RESPONSE, FreeWith<OCSP_RESPONSE_free>> read(
      d2i_OCSP_RESPONSE(nullptr, &next, static_cast<long>(response.size())));
  const std::unique_ptr<OCSP_BASICRESP, FreeWith<OCSP_BASICRESP_free>> basic(
      OCSP_response_get1_basic(read.get()));
  const std::unique_ptr<OCSP_CERTID, FreeWith<OCSP_CERTID_free>> id(
      OCSP_cert_to_id(hash, subject.get(), above.get()));
  return OCSP_resp_find(basic.get(), id.get(), -1) == 0;
}

TEST_F(StatusApiTest, NobodysRequestSpoilsTheAnswerForOthers) {
  const auto& issuer = office_.authority().certificates().issuing;
  for (const EVP_MD* hash : {EVP_sha512(), EVP_sha1(), EVP_sha256(), EVP_sha512()}) {
    const auto response = post("/ocsp", plainRequest(certificate_, issuer, hash)).body;
    EXPECT_TRUE(answers(response, certificate_, issuer, hash)) << EVP_MD_get0_name(hash);
  }
}

TEST_F(StatusApiTest, AnAnswerIsKeptForHalfItsLifeAndNeverFromTheFuture) {
  const auto& issuer = office_.authority().certificates().issuing;
  const auto ask = [&] {
    return post("/ocsp", plainRequest(certificate_, issuer, EVP_sha1())).body;
  };
  const std::string first = ask();
  office_.clock.advance(std::chrono::minutes(29));
  EXPECT_EQ(ask(), first);
  office_.clock.advance(std::chrono::minutes(-30));
  EXPECT_NE(ask(), first) << "the clock was set back";
  office_.clock.advance(std::chrono::minutes(40));
  EXPECT_NE(ask(), first);
}

TEST_F(StatusApiTest, ACrlIsRenewedBeforeItEnds) {
  const std::string first = crl();
  office_.restart();
  EXPECT_EQ(crl(), first);
  office_.clock.advance(std::chrono::hours(13));
  EXPECT_NE(crl(), first);
}

TEST_F(StatusApiTest, OddRequestsGetAnAnswer) {
  EXPECT_EQ(post("/ocsp", "no request").status, 200);
  EXPECT_EQ(post("/ocsp", std::string(100'000, 'x')).status, 200);
  EXPECT_EQ(office_.send({.method = "GET", .target = "/ocsp/%%%"}).status, 404);
  for (const char* file : {"2.crl", "00.crl", "-1.crl", "x.crl", "1", ".crl", "99999999999.crl"}) {
    EXPECT_EQ(office_.send({.method = "GET", .target = std::string("/crl/") + file}).status, 404)
        << file;
  }
  EXPECT_EQ(office_.send({.method = "GET", .target = "/ca/issuing.cer"}).body.size(),
            office_.authority().certificates().issuing.size());
}

}  // namespace
}  // namespace fncard::server

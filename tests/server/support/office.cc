// SPDX-License-Identifier: Apache-2.0
#include "tests/server/support/office.h"

#include <openssl/cms.h>

#include "net/base64.h"
#include "server/base/hash.h"
#include "server/pages/pages.h"
#include "trust/certificate.h"

namespace fncard::server::testing {
namespace {

constexpr const char* kBaseUrl = "http://127.0.0.1:8080";
constexpr std::array kKeyNames = {"signature", "keyManagement", "cardAuthentication"};

std::string text(const store::Bytes& bytes) {
  return {bytes.begin(), bytes.end()};
}

std::string lowerHashOf(const std::string& certificateBase64) {
  std::string hex = sha256Hex(*net::decodeBase64(certificateBase64));
  for (char& c : hex) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return hex;
}

}  // namespace

std::string base64(const store::Bytes& bytes) {
  return net::encodeBase64(bytes);
}
std::string base64(const std::string& bytes) {
  return base64(store::Bytes(bytes.begin(), bytes.end()));
}

SoftwareCard::SoftwareCard(const char* curve) {
  for (auto& key : keys_) {
    key.reset(EVP_EC_gen(curve));
  }
}

store::Bytes SoftwareCard::publicKey(std::size_t key) const {
  return issuance::testing::publicKeyOf(keys_.at(key).get());
}

store::Bytes SoftwareCard::sign(std::size_t key, const std::string& data) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  std::size_t size = 0;
  EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, keys_.at(key).get());
  EVP_DigestSign(context.get(), nullptr, &size, bytes, data.size());
  store::Bytes signature(size);
  EXPECT_EQ(EVP_DigestSign(context.get(), signature.data(), &size, bytes, data.size()), 1);
  signature.resize(size);
  return signature;
}

store::Bytes SoftwareCard::signMessage(std::size_t key, const store::Bytes& certificate,
                                       const std::string& content, bool detached) const {
  const auto signer = trust::openssl::decodedCertificate(certificate);
  const trust::openssl::BioPointer data(
      BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
  const unsigned flags = CMS_BINARY | (detached ? CMS_DETACHED : 0U);
  const std::unique_ptr<CMS_ContentInfo, trust::openssl::FreeWith<CMS_ContentInfo_free>> message(
      CMS_sign(signer.get(), keys_.at(key).get(), nullptr, data.get(), flags));
  EXPECT_TRUE(message) << trust::openssl::takeErrors();
  return trust::openssl::encoded<i2d_CMS_ContentInfo>(message.get());
}

json SoftwareCard::keys(const std::string& jobId) const {
  json keys = json::object();
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const auto spki = publicKey(i);
    keys[kKeyNames.at(i)] = {{"publicKey", base64(spki)},
                             {"proof", base64(sign(i, "fncard key proof 1" + jobId + text(spki)))}};
  }
  return {{"keys", keys}};
}

struct TestOffice::Parts {
  explicit Parts(TestOffice& office)
      : store(office.database.open()),
        // the least that Argon2id can do, because it is not what is tested here
        hasher({.operations = 1, .memoryBytes = 8192}),
        responder(office.authority_.hsm(), office.authority_.certificates()),
        signIn({*store, *store}, hasher, office.clock),
        registration(*store, office.registry, hasher, office.clock),
        payment({*store, *store}, office.gateway, office.clock),
        production({*store, *store}, *office.authority_, office.authority_.hsm(), office.clock,
                   {.baseUrl = kBaseUrl, .crlShards = 2}),
        activation(*store, signIn, office.authority_.hsm(), office.clock),
        unblocking({*store, *store}, signIn, office.authority_.hsm(), office.clock),
        sessions({*store, *store}, office.clock),
        suspension(*store, signIn, office.clock),
        revocation(*store, office.clock),
        publication(*store, responder, office.authority_.hsm(), office.authority_.certificates(),
                    office.clock, {.baseUrl = kBaseUrl, .crlShards = 2}),
        handler(pages::makeHandler(
            {.store = *store,
             .signIn = signIn,
             .sessions = sessions,
             .payment = payment,
             .suspension = suspension,
             .clock = office.clock},
            {.portalUrl = kPortalUrl},
            api::makeHandler({.store = *store,
                              .signIn = signIn,
                              .registration = registration,
                              .payment = payment,
                              .production = production,
                              .activation = activation,
                              .unblocking = unblocking,
                              .revocation = revocation,
                              .publication = publication,
                              .certificates = office.authority_.certificates()}))) {}

  std::unique_ptr<store::Store> store;
  session::UserCodeHasher hasher;
  status::Responder responder;
  session::SignIn signIn;
  registration::Registration registration;
  payment::PaymentService payment;
  production::Production production;
  activation::ActivationService activation;
  activation::UnblockingService unblocking;
  session::BrowserSessions sessions;
  activation::Suspension suspension;
  activation::Revocation revocation;
  publication::Publication publication;
  net::Handler handler;
};

TestOffice::TestOffice() : parts_(std::make_unique<Parts>(*this)) {
  registry.add("A800000014", registration::PermitStatus::Valid);
  registry.add("A900000016", registration::PermitStatus::Valid);
  addOperator("officer");
  addOperator("station");
}
TestOffice::~TestOffice() = default;

void TestOffice::restart() {
  parts_.reset();
  parts_ = std::make_unique<Parts>(*this);
}

store::Store& TestOffice::store() {
  return *parts_->store;
}
payment::PaymentService& TestOffice::payment() {
  return parts_->payment;
}
activation::Revocation& TestOffice::revocation() {
  return parts_->revocation;
}
registration::Registration& TestOffice::registration() {
  return parts_->registration;
}

void TestOffice::addOperator(const std::string& role) {
  const auto key = issuance::testing::ecKey();
  const auto issued = authority_->issueOperator(
      role + "-1", role, issuance::testing::publicKeyOf(key.get()), {}, kStart);
  ASSERT_TRUE(issued) << issued.error().detail;
  operators_[role] = issued->der;
  ASSERT_TRUE(store().addOperator(
      {.serial = issued->serial, .name = role + "-1", .role = role, .addedAt = kStart}));
}

std::string TestOffice::key() {
  return "key-0123456789ab-" + std::to_string(++keys_);
}

net::Response TestOffice::send(net::Request request, const std::string& caller) {
  if (const auto found = operators_.find(caller); found != operators_.end()) {
    request.peerCertificate = found->second;
  } else if (!caller.empty()) {
    request.headers["authorization"] = "Bearer " + caller;
  }
  if (request.target.starts_with("/api/") && request.method != "GET") {
    request.headers.try_emplace("content-type", "application/json");
  }
  return parts_->handler(request);
}

Reply TestOffice::call(const std::string& method, const std::string& path, const json& body,
                       const std::string& caller) {
  const auto response =
      send({.method = method, .target = path, .body = body.is_null() ? "" : body.dump()}, caller);
  return {.status = response.status,
          .body = json::parse(response.body, nullptr, false),
          .headers = response.headers};
}

TestOffice::Applicant TestOffice::apply(const std::string& permitNumber) {
  const auto reply = call("POST", "/api/v1/registrations",
                          {{"idempotencyKey", key()},
                           {"permitNumber", permitNumber},
                           {"bearerConfirmed", true},
                           {"phone", "0912345678"},
                           {"email", "an@example.org"},
                           {"language", "vi"},
                           {"profile", "p256"}},
                          "officer");
  EXPECT_EQ(reply.status, 201) << reply.body;
  return {reply.body.value("orderId", ""), permitNumber, reply.body.value("userCode", "")};
}

std::string TestOffice::signIn(const Applicant& applicant) {
  const auto reply =
      call("POST", "/api/v1/session",
           {{"permitNumber", applicant.permitNumber}, {"userCode", applicant.userCode}});
  EXPECT_EQ(reply.status, 200) << reply.body;
  return reply.body.value("token", "");
}

std::string TestOffice::openPayment(const Applicant& applicant) {
  const auto reply = call("POST", "/api/v1/order/payment",
                          {{"idempotencyKey", key()},
                           {"deliveryAddress", "台北市中正區廣州街15號"},
                           {"invoice", {{"kind", "paper"}}}},
                          signIn(applicant));
  EXPECT_EQ(reply.status, 200) << reply.body;
  return reply.status == 200 ? reply.body["fields"]["MerchantTradeNo"].get<std::string>()
                             : std::string();
}

std::string TestOffice::notify(const net::Form& form) {
  return send({.method = "POST", .target = "/payment/notify", .body = net::encodeForm(form)}).body;
}

void TestOffice::pay(const Applicant& applicant) {
  const std::string number = openPayment(applicant);
  gateway.pay(number);
  EXPECT_EQ(notify(FakeGateway::notification(number)), "1|OK");
}

json TestOffice::claim() {
  const auto reply =
      call("POST", "/api/v1/production/jobs/claim", {{"idempotencyKey", key()}}, "station");
  EXPECT_EQ(reply.status, 200) << reply.body;
  return reply.body;
}

json TestOffice::certify(const std::string& jobId, const SoftwareCard& card) {
  const auto reply = call("POST", "/api/v1/production/jobs/" + jobId + "/certificates",
                          card.keys(jobId), "station");
  EXPECT_EQ(reply.status, 200) << reply.body;
  return reply.body;
}

void TestOffice::check(const std::string& jobId, const json& certificates) {
  json readBack = json::object();
  for (const char* name : kKeyNames) {
    readBack[name] =
        base64(trust::sha256(*net::decodeBase64(certificates[name].get<std::string>())));
  }
  const auto reply = call("POST", "/api/v1/production/jobs/" + jobId + "/checked",
                          {{"readBack", readBack}}, "station");
  EXPECT_EQ(reply.status, 200) << reply.body;
}

void TestOffice::mail(const std::string& jobId) {
  const auto reply = call("POST", "/api/v1/production/jobs/" + jobId + "/mailed",
                          {{"mailNumber", "12345678901234567890"}}, "station");
  EXPECT_EQ(reply.status, 200) << reply.body;
}

TestOffice::Mailed TestOffice::mailedCard(const SoftwareCard& card,
                                          const std::string& permitNumber) {
  Mailed mailed{.applicant = apply(permitNumber)};
  pay(mailed.applicant);
  const json job = claim();
  mailed.jobId = job.value("jobId", "");
  mailed.cardNumber = job.value("cardNumber", "");
  mailed.certificates = certify(mailed.jobId, card);
  check(mailed.jobId, mailed.certificates);
  mail(mailed.jobId);
  return mailed;
}

void TestOffice::activate(const Mailed& mailed) {
  const auto reply = call("POST", "/api/v1/activations",
                          {{"idempotencyKey", key()},
                           {"permitNumber", mailed.applicant.permitNumber},
                           {"userCode", mailed.applicant.userCode},
                           {"cardNumber", mailed.cardNumber}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  const std::string transaction = reply.body["transaction"];
  EXPECT_TRUE(store().recordRelease(transaction, clock.now()));
  EXPECT_TRUE(store().commitActivation(transaction, "receipt", clock.now()));
}

std::string receiptFor(const json& begun, const json& certificates, const std::string& time) {
  const json receipt = {{"certificates",
                         {lowerHashOf(certificates["signature"].get<std::string>()),
                          lowerHashOf(certificates["keyManagement"].get<std::string>())}},
                        {"nonce", begun["nonce"]},
                        {"time", time},
                        {"transaction", begun["transaction"]}};
  return receipt.dump();
}

std::string proofFor(const json& begun, const std::string& cardNumber, const std::string& purpose) {
  return purpose + begun["transaction"].get<std::string>() +
         text(*net::decodeBase64(begun["nonce"].get<std::string>())) + cardNumber;
}

}  // namespace fncard::server::testing

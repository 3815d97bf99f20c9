// SPDX-License-Identifier: Apache-2.0
#include "tests/server/personalisation/fake_office.h"

#include <openssl/ec.h>
#include <openssl/x509.h>

#include <nlohmann/json.hpp>

#include "card/signature_input.h"
#include "net/base64.h"
#include "server/issuance/personalisation/personaliser.h"
#include "trust/certificate.h"

namespace fncard::server::personalisation {
namespace {

using nlohmann::json;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

net::Response refuse(int status, const std::string& code) {
  const json body = {
      {"error", {{"code", code}, {"message", "stated"}, {"parameters", json::object()}}}};
  return net::Response::json(status, body.dump());
}

net::Response ok(const json& body) {
  return net::Response::json(200, body.dump());
}

std::string commonName(const std::vector<unsigned char>& der) {
  const unsigned char* in = der.data();
  const Certificate certificate(d2i_X509(nullptr, &in, static_cast<long>(der.size())), &X509_free);
  char name[64] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name,
                            sizeof name);
  return name;
}

void setName(X509_NAME* name, const char* text) {
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(text), -1, -1, 0);
}

}  // namespace

Bytes FakeOffice::puk() {
  return {0x00, 0xFF, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60};
}
Bytes FakeOffice::managementKey() {
  return Bytes(32, 0xA5);
}

FakeOffice::FakeOffice(std::string profile, std::optional<net::TlsOptions> tls)
    : profile_(std::move(profile)),
      tls_(tls.has_value()),
      caKey_(EVP_EC_gen("P-256"), &EVP_PKEY_free) {
  const std::string job = "/api/v1/production/jobs/{id}";
  const auto id = [](const net::Router::Parameters& parameters) { return parameters.at("id"); };
  router_.add("POST", "/api/v1/production/jobs/claim",
              [this](const auto& request, const auto&) { return claim(request); });
  router_.add("GET", job, [this, id](const auto&, const auto& p) { return describe(id(p)); });
  router_.add("POST", job + "/secrets", [](const auto&, const auto&) {
    return ok({{"managementKey", net::encodeBase64(managementKey())},
               {"puk", net::encodeBase64(puk())},
               {"transportPin", kTransportPin}});
  });
  router_.add("POST", job + "/certificates",
              [this, id](const auto& request, const auto& p) { return certify(id(p), request); });
  router_.add("POST", job + "/checked",
              [this, id](const auto& request, const auto& p) { return check(id(p), request); });
  router_.add("POST", job + "/mailed", [this, id](const auto& request, const auto& p) {
    JobState& state = jobs.at(id(p));
    if (state.state != "checked" && state.state != "mailed") {
      return refuse(409, "production.not-checked");
    }
    state.mailNumber = json::parse(request.body).at("mailNumber").template get<std::string>();
    state.state = "mailed";
    return ok({{"state", "mailed"}});
  });
  router_.add("POST", job + "/spoiled", [this, id](const auto&, const auto& p) {
    jobs.at(id(p)).state = "spoiled";
    addJob("AB00000000000099");
    return ok({{"state", "spoiled"}, {"replacementJobId", "job-" + std::to_string(jobs.size())}});
  });
  server_ = std::move(*net::Server::start({.tls = std::move(tls)}, [this](const auto& request) {
    const std::scoped_lock lock(mutex_);
    return handle(request);
  }));
}

std::string FakeOffice::url() const {
  return (tls_ ? "https" : "http") + std::string("://127.0.0.1:") + std::to_string(server_->port());
}

void FakeOffice::addJob(const std::string& cardNumber) {
  jobs["job-" + std::to_string(jobs.size() + 1)].cardNumber = cardNumber;
}

void FakeOffice::failCall(int n, Fault fault) {
  const std::scoped_lock lock(mutex_);
  faultAt_ = calls_ + n;
  fault_ = fault;
}

int FakeOffice::calls() {
  const std::scoped_lock lock(mutex_);
  return calls_;
}

net::Response FakeOffice::handle(const net::Request& request) {
  if (request.peerCertificate) {
    stations.insert(commonName(*request.peerCertificate));
  }
  const Fault fault = calls_++ == faultAt_ ? fault_ : Fault::None;
  if (fault == Fault::BeforeIt) {
    return refuse(503, "server.busy");
  }
  net::Response response = router_.route(request);
  return fault == Fault::AfterIt ? refuse(503, "server.busy") : response;
}

net::Response FakeOffice::claim(const net::Request& request) {
  const auto key = json::parse(request.body).at("idempotencyKey").get<std::string>();
  if (const auto before = claims.find(key); before != claims.end()) {
    return describe(before->second);
  }
  for (const auto& [jobId, state] : jobs) {
    const bool taken = std::any_of(claims.begin(), claims.end(),
                                   [&id = jobId](const auto& claim) { return claim.second == id; });
    if (!taken && state.state == "claimed") {
      claims[key] = jobId;
      return describe(jobId);
    }
  }
  return net::Response::noContent();
}

net::Response FakeOffice::describe(const std::string& jobId) {
  const auto job = jobs.find(jobId);
  if (job == jobs.end()) {
    return refuse(404, "production.job-unknown");
  }
  return ok({{"jobId", jobId},
             {"state", job->second.state},
             {"cardNumber", job->second.cardNumber},
             {"expiry", "2031-11-30"},
             {"profile", profile_},
             {"printed",
              {{"name", "NGUYEN THI HOA 阮氏花"},
               {"cardNumber", job->second.cardNumber},
               {"expiry", "2031-11-30"}}},
             {"certificates", nullptr}});
}

net::Response FakeOffice::certify(const std::string& jobId, const net::Request& request) {
  JobState& job = jobs.at(jobId);
  const json keys = json::parse(request.body).at("keys");
  std::map<std::string, Bytes> publicKeys;
  for (const KeySlot& slot : kKeySlots) {
    const auto publicKey =
        *net::decodeBase64(keys.at(slot.name).at("publicKey").get<std::string>());
    const auto proof = *net::decodeBase64(keys.at(slot.name).at("proof").get<std::string>());
    if (!trust::verifySignature(publicKey, proofMessage(jobId, publicKey), proof)) {
      return refuse(403, "production.proof-wrong");
    }
    publicKeys[slot.name] = publicKey;
  }
  if (job.publicKeys != publicKeys) {
    ++certificateSets;
    job.publicKeys = publicKeys;
    for (const auto& [name, key] : publicKeys) {
      job.certificates[name] = issue(key);
    }
  }
  if (tamper) {
    tamper(job);
  }
  json answer = json::object();
  for (const auto& [name, certificate] : job.certificates) {
    answer[name] = net::encodeBase64(certificate);
  }
  return ok(answer);
}

net::Response FakeOffice::check(const std::string& jobId, const net::Request& request) {
  JobState& job = jobs.at(jobId);
  const json readBack = json::parse(request.body).at("readBack");
  for (const auto& [name, certificate] : job.certificates) {
    if (readBack.at(name) != net::encodeBase64(card::sha256(certificate))) {
      return refuse(409, "production.read-back-differs");
    }
  }
  job.state = "checked";
  return ok({{"state", "checked"}});
}

Bytes FakeOffice::issue(const Bytes& publicKey) {
  const unsigned char* in = publicKey.data();
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      d2i_PUBKEY(nullptr, &in, static_cast<long>(publicKey.size())), &EVP_PKEY_free);
  const Certificate certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial_++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  setName(X509_get_subject_name(certificate.get()), "holder");
  setName(X509_get_issuer_name(certificate.get()), "test CA");
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), caKey_.get(), EVP_sha256());
  Bytes der(static_cast<std::size_t>(i2d_X509(certificate.get(), nullptr)));
  unsigned char* out = der.data();
  i2d_X509(certificate.get(), &out);
  return der;
}

}  // namespace fncard::server::personalisation

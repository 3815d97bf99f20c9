// SPDX-License-Identifier: Apache-2.0
#include <openssl/crypto.h>

#include <nlohmann/json.hpp>

#include "net/base64.h"
#include "server/api/call.h"
#include "server/api/values.h"

namespace fncard::server::api {
namespace {

using production::kUses;
using production::PerKey;

constexpr const char* kStation = "station";
constexpr const char* kJobs = "/api/v1/production/jobs";

nlohmann::json encoded(const PerKey<store::Bytes>& certificates) {
  nlohmann::json object = nlohmann::json::object();
  for (std::size_t i = 0; i < kUses.size(); ++i) {
    object[std::string(store::name(kUses.at(i)))] = net::encodeBase64(certificates.at(i));
  }
  return object;
}

nlohmann::json encoded(const production::JobView& view) {
  return {
      {"jobId", view.job.id},
      {"state", store::name(view.job.state)},
      {"cardNumber", view.job.cardNumber},
      {"expiry", view.job.expiry},
      {"profile", view.order.profile},
      {"printed",
       {{"name", view.order.applicant.name},
        {"cardNumber", view.job.cardNumber},
        {"expiry", view.job.expiry}}},
      {"certificates", view.certificates ? encoded(*view.certificates) : nlohmann::json(nullptr)}};
}

Answer claim(const Services& services, JsonReader& body, const std::string& station) {
  const auto idempotency = idempotencyOf(body, "station:" + station, "POST claim");
  if (const auto read = body.finish(); !read) {
    return tl::unexpected(read.error());
  }
  const auto job = services.production.claim(idempotency, station);
  if (!job) {
    return tl::unexpected(job.error());
  }
  return *job ? json(200, encoded(**job)) : net::Response::noContent();
}

/// Base64 into a text that is wiped when it goes.
class WipedText {
 public:
  explicit WipedText(const std::vector<unsigned char>& bytes) : text_(net::encodeBase64(bytes)) {}
  ~WipedText() { OPENSSL_cleanse(text_.data(), text_.size()); }
  WipedText(const WipedText&) = delete;
  WipedText& operator=(const WipedText&) = delete;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

Answer secrets(const Services& services, JsonReader& body, const std::string& jobId,
               const std::string& station) {
  if (const auto read = body.finish(); !read) {
    return tl::unexpected(read.error());
  }
  const auto found = services.production.secrets(jobId, station);
  if (!found) {
    return tl::unexpected(found.error());
  }
  const WipedText managementKey(found->managementKey.bytes());
  const WipedText puk(found->puk.bytes());
  const auto& pin = found->transportPin.bytes();
  // written here and not by a JSON library, which would keep copies; base64 and digits need no
  // escape
  std::string text = R"({"managementKey":")" + managementKey.text() + R"(","puk":")" + puk.text() +
                     R"(","transportPin":")" + std::string(pin.begin(), pin.end()) + R"("})";
  net::Response response = net::Response::json(200, std::move(text));
  response.headers["cache-control"] = "no-store";
  return response;
}

Answer certify(const Services& services, JsonReader& body, const std::string& jobId,
               const std::string& station) {
  auto keys = body.object("keys");
  if (const auto read = body.finish(); !read || !keys) {
    return tl::unexpected(!read ? read.error() : keys.error());
  }
  PerKey<production::ProvenKey> proven;
  for (std::size_t i = 0; i < kUses.size(); ++i) {
    auto key = keys->object(std::string(store::name(kUses.at(i))));
    if (!key) {
      return tl::unexpected(key.error());
    }
    proven.at(i).publicKey = key->base64("publicKey", 1, kLargestPublicKey);
    proven.at(i).proof = key->base64("proof", 1, kLargestSignature);
    if (const auto read = key->finish(); !read) {
      return tl::unexpected(read.error());
    }
  }
  if (const auto read = keys->finish(); !read) {
    return tl::unexpected(read.error());
  }
  const auto certificates = services.production.certify(jobId, proven, station);
  if (!certificates) {
    return tl::unexpected(certificates.error());
  }
  return json(200, encoded(*certificates));
}

Answer checked(const Services& services, JsonReader& body, const std::string& jobId,
               const std::string& station) {
  auto readBack = body.object("readBack");
  if (const auto read = body.finish(); !read || !readBack) {
    return tl::unexpected(!read ? read.error() : readBack.error());
  }
  PerKey<store::Bytes> hashes;
  for (std::size_t i = 0; i < kUses.size(); ++i) {
    hashes.at(i) = readBack->base64(std::string(store::name(kUses.at(i))), kHashSize, kHashSize);
  }
  if (const auto read = readBack->finish(); !read) {
    return tl::unexpected(read.error());
  }
  const auto marked = services.production.checked(jobId, hashes, station);
  return marked ? json(200, {{"state", "checked"}}) : Answer(tl::unexpected(marked.error()));
}

Answer mailed(const Services& services, JsonReader& body, const std::string& jobId,
              const std::string& station) {
  const std::string mailNumber = body.text("mailNumber", 1, kLongestWord);
  if (const auto read = body.finish(); !read) {
    return tl::unexpected(read.error());
  }
  if (!isMailNumber(mailNumber)) {
    return invalidMember("mailNumber");
  }
  const auto marked = services.production.mailed(jobId, mailNumber, station);
  return marked ? json(200, {{"state", "mailed"}}) : Answer(tl::unexpected(marked.error()));
}

Answer spoiled(const Services& services, JsonReader& body, const std::string& jobId,
               const std::string& station) {
  const std::string reason = body.text("reason", 1, kLongestReason);
  if (const auto read = body.finish(); !read) {
    return tl::unexpected(read.error());
  }
  const auto replacement = services.production.spoiled(jobId, reason, station);
  if (!replacement) {
    return tl::unexpected(replacement.error());
  }
  return json(200, {{"state", "spoiled"}, {"replacementJobId", *replacement}});
}

using JobCall = Answer (*)(const Services&, JsonReader&, const std::string&, const std::string&);

void addJobCall(Routes& routes, const std::string& name, JobCall call) {
  const Services services = routes.services();
  routes.add("POST", kJobs + ("/{job}/" + name),
             [services, call](const net::Request& request, const Parameters& parameters) -> Answer {
               const auto station = operatorOf(services, request, kStation);
               if (!station) {
                 return tl::unexpected(station.error());
               }
               auto body = JsonReader::parse(request.body);
               if (!body) {
                 return tl::unexpected(body.error());
               }
               return call(services, *body, parameters.at("job"), *station);
             });
}

}  // namespace

void addProductionRoutes(Routes& routes) {
  const Services services = routes.services();
  routes.add("POST", kJobs + std::string("/claim"),
             [services](const net::Request& request, const Parameters&) -> Answer {
               const auto station = operatorOf(services, request, kStation);
               if (!station) {
                 return tl::unexpected(station.error());
               }
               auto body = JsonReader::parse(request.body);
               return body ? claim(services, *body, *station)
                           : Answer(tl::unexpected(body.error()));
             });
  routes.add("GET", kJobs + std::string("/{job}"),
             [services](const net::Request& request, const Parameters& parameters) -> Answer {
               const auto station = operatorOf(services, request, kStation);
               if (!station) {
                 return tl::unexpected(station.error());
               }
               const auto view = services.production.job(parameters.at("job"));
               return view ? json(200, encoded(*view)) : Answer(tl::unexpected(view.error()));
             });
  addJobCall(routes, "secrets", secrets);
  addJobCall(routes, "certificates", certify);
  addJobCall(routes, "checked", checked);
  addJobCall(routes, "mailed", mailed);
  addJobCall(routes, "spoiled", spoiled);
}

}  // namespace fncard::server::api

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

Answer claim(const Services& services, const OperatorCall& call) {
  const auto idempotency = idempotencyOf(call.body, "station:" + call.name, "POST claim");
  if (const auto read = call.body.finish(); !read) {
    return tl::unexpected(read.error());
  }
  const auto job = services.production.claim(idempotency, call.name);
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

Answer secrets(const Services& services, const OperatorCall& call) {
  if (const auto read = call.body.finish(); !read) {
    return tl::unexpected(read.error());
  }
  const auto found = services.production.secrets(call.parameters.at("job"), call.name);
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

Answer certify(const Services& services, const OperatorCall& call) {
  auto keys = call.body.object("keys");
  if (const auto read = call.body.finish(); !read || !keys) {
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
  const auto certificates =
      services.production.certify(call.parameters.at("job"), proven, call.name);
  if (!certificates) {
    return tl::unexpected(certificates.error());
  }
  return json(200, encoded(*certificates));
}

Answer checked(const Services& services, const OperatorCall& call) {
  auto readBack = call.body.object("readBack");
  if (const auto read = call.body.finish(); !read || !readBack) {
    return tl::unexpected(!read ? read.error() : readBack.error());
  }
  PerKey<store::Bytes> hashes;
  for (std::size_t i = 0; i < kUses.size(); ++i) {
    hashes.at(i) = readBack->base64(std::string(store::name(kUses.at(i))), kHashSize, kHashSize);
  }
  if (const auto read = readBack->finish(); !read) {
    return tl::unexpected(read.error());
  }
  const auto marked = services.production.checked(call.parameters.at("job"), hashes, call.name);
  return marked ? json(200, {{"state", "checked"}}) : Answer(tl::unexpected(marked.error()));
}

Answer mailed(const Services& services, const OperatorCall& call) {
  const std::string mailNumber = call.body.text("mailNumber", 1, kLongestWord);
  if (const auto read = call.body.finish(); !read) {
    return tl::unexpected(read.error());
  }
  if (!isMailNumber(mailNumber)) {
    return invalidMember("mailNumber");
  }
  const auto marked = services.production.mailed(call.parameters.at("job"), mailNumber, call.name);
  return marked ? json(200, {{"state", "mailed"}}) : Answer(tl::unexpected(marked.error()));
}

Answer spoiled(const Services& services, const OperatorCall& call) {
  const std::string reason = call.body.text("reason", 1, kLongestReason);
  if (const auto read = call.body.finish(); !read) {
    return tl::unexpected(read.error());
  }
  const auto replacement =
      services.production.spoiled(call.parameters.at("job"), reason, call.name);
  if (!replacement) {
    return tl::unexpected(replacement.error());
  }
  return json(200, {{"state", "spoiled"}, {"replacementJobId", *replacement}});
}

}  // namespace

void addProductionRoutes(Routes& routes) {
  const Services services = routes.services();
  const std::string base = kJobs;
  routes.addOperatorPost(base + "/claim", kStation, claim);
  routes.add("GET", base + "/{job}",
             [services](const net::Request& request, const Parameters& parameters) -> Answer {
               const auto station = operatorOf(services, request, kStation);
               if (!station) {
                 return tl::unexpected(station.error());
               }
               const auto view = services.production.job(parameters.at("job"));
               return view ? json(200, encoded(*view)) : Answer(tl::unexpected(view.error()));
             });
  routes.addOperatorPost(base + "/{job}/secrets", kStation, secrets);
  routes.addOperatorPost(base + "/{job}/certificates", kStation, certify);
  routes.addOperatorPost(base + "/{job}/checked", kStation, checked);
  routes.addOperatorPost(base + "/{job}/mailed", kStation, mailed);
  routes.addOperatorPost(base + "/{job}/spoiled", kStation, spoiled);
}

}  // namespace fncard::server::api

// SPDX-License-Identifier: Apache-2.0
#include "agent/native/message.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "agent/native/base64.h"

namespace fncard::agent::native {
namespace {

using nlohmann::json;
using operations::Authenticate;
using operations::Refusal;

const std::string kNonce(44, 'n');

std::optional<Call> parse(const std::string& text) {
  return parseCall({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

json signIn() {
  return {{"command", "authenticate"},
          {"arguments", {{"challengeNonce", kNonce}, {"origin", "https://portal.tw"}}}};
}

json sign() {
  return {{"command", "sign"},
          {"arguments",
           {{"hash", toBase64(Bytes(32, 1))},
            {"hashFunction", "SHA-256"},
            {"certificate", toBase64(Bytes{1, 2, 3, 4})},
            {"origin", "https://portal.tw"}}}};
}

TEST(AMessage, IsReadWithAndWithoutALanguage) {
  json message = signIn();
  auto call = parse(message.dump());
  ASSERT_TRUE(call);
  EXPECT_EQ(call->request.origin.text(), "https://portal.tw");
  EXPECT_EQ(std::get<Authenticate>(call->request.action).challengeNonce, kNonce);
  EXPECT_FALSE(call->language);
  message["arguments"]["lang"] = "vi";
  EXPECT_EQ(parse(message.dump())->language, messages::Language::Vietnamese);
  message["arguments"]["lang"] = "et";
  EXPECT_FALSE(parse(message.dump())->language) << "is no reason to refuse";
}

TEST(AMessage, AsksForASignatureOrACertificate) {
  const auto call = parse(sign().dump());
  ASSERT_TRUE(call);
  EXPECT_EQ(std::get<operations::SignHash>(call->request.action).certificate, (Bytes{1, 2, 3, 4}));
  EXPECT_TRUE(parse(
      R"({"command":"get-signing-certificate","arguments":{"origin":"http://localhost:1"}})"));
}

TEST(AMessage, AsksForTheSignatureOfADocument) {
  json message = {
      {"command", "sign-document"},
      {"arguments",
       {{"name", "lease.pdf"}, {"hash", toBase64(Bytes(32, 1))}, {"origin", "https://portal.tw"}}}};
  const auto call = parse(message.dump());
  ASSERT_TRUE(call);
  EXPECT_EQ(json::parse(encodeAnswer(*call, operations::Answer{.signature = {4, 5}})),
            (json{{"cms", "BAU="}}));
  message["arguments"]["name"] = std::string(256, 'n');
  EXPECT_FALSE(parse(message.dump()));
  message["arguments"]["name"] = "";
  EXPECT_FALSE(parse(message.dump()));
  message["arguments"]["name"] = "n";
  message["arguments"]["hash"] = toBase64(Bytes(48, 1));
  EXPECT_FALSE(parse(message.dump()));
}

TEST(AMessage, HasExactlyTheKeysOfItsCommand) {
  for (const char* key : {"challengeNonce", "origin"}) {
    json less = signIn();
    less["arguments"].erase(key);
    EXPECT_FALSE(parse(less.dump())) << key;
    for (const json& wrong : {json(1), json(nullptr), json::array(), json::object(), json(true)}) {
      json other = signIn();
      other["arguments"][key] = wrong;
      EXPECT_FALSE(parse(other.dump())) << key << wrong;
    }
  }
  for (const char* key : {"hash", "hashFunction", "certificate", "origin"}) {
    json less = sign();
    less["arguments"].erase(key);
    EXPECT_FALSE(parse(less.dump())) << key;
  }
  json more = signIn();
  more["arguments"]["pin"] = "123456";
  EXPECT_FALSE(parse(more.dump()));
  more = signIn();
  more["more"] = 1;
  EXPECT_FALSE(parse(more.dump()));
  more = signIn();
  more["arguments"]["lang"] = 1;
  EXPECT_FALSE(parse(more.dump()));
}

TEST(AMessage, SaysEachThingOnce) {
  EXPECT_FALSE(parse(
      R"({"command":"get-signing-certificate","arguments":{"origin":"https://a.tw","origin":"https://b.tw"}})"));
  EXPECT_FALSE(parse(
      R"({"command":"sign","command":"get-signing-certificate","arguments":{"origin":"https://b.tw"}})"));
}

TEST(AMessage, IsRefusedWhenAValueIsNotAsItMustBe) {
  const auto with = [](json message, const char* key, const std::string& value) {
    message["arguments"][key] = value;
    return parse(message.dump()).has_value();
  };
  EXPECT_FALSE(with(signIn(), "challengeNonce", std::string(43, 'n')));
  EXPECT_TRUE(with(signIn(), "challengeNonce", std::string(128, 'n')));
  EXPECT_FALSE(with(signIn(), "challengeNonce", std::string(129, 'n')));
  EXPECT_FALSE(with(signIn(), "origin", "null"));
  EXPECT_FALSE(with(signIn(), "origin", "https://portal.tw/"));
  EXPECT_FALSE(with(sign(), "hashFunction", "SHA-1"));
  EXPECT_FALSE(with(sign(), "hashFunction", "SHA-512")) << "32 bytes are none of its hashes";
  EXPECT_FALSE(with(sign(), "hash", ""));
  EXPECT_FALSE(with(sign(), "certificate", ""));
  EXPECT_FALSE(with(sign(), "certificate", "AQIDBA"));
  EXPECT_FALSE(with(sign(), "certificate", "AQIDBA==\n"));
}

TEST(AMessage, IsNothingElse) {
  for (const char* text : {"", "null", "[]", "{}", "{\"command\":\"quit\",\"arguments\":{}}", "{",
                           "{\"command\":1,\"arguments\":{}}", "{\"command\":\"sign\"}",
                           "{\"command\":\"sign\",\"arguments\":[]}", "\xFF\xFE"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
  EXPECT_FALSE(parse(std::string(8000, '[')));
  EXPECT_FALSE(parse(signIn().dump() + std::string(kMaxMessage, ' ')));
}

TEST(AnAnswer, IsTheTokenOfWebEid) {
  const Call call = parse(signIn().dump()).value();
  const std::pair<card::KeyAlgorithm, const char*> kinds[] = {
      {card::KeyAlgorithm::Rsa2048, "RS256"},
      {card::KeyAlgorithm::EcP256, "ES256"},
      {card::KeyAlgorithm::EcP384, "ES384"}};
  for (const auto& [key, name] : kinds) {
    const auto token = json::parse(encodeAnswer(
        call, operations::Answer{.certificate = {1, 2, 3}, .key = key, .signature = {4, 5}}));
    EXPECT_EQ(token, (json{{"unverifiedCertificate", "AQID"},
                           {"algorithm", name},
                           {"signature", "BAU="},
                           {"format", "web-eid:1.0"},
                           {"appVersion", "fncard-agent/" FNCARD_VERSION}}));
  }
}

TEST(AnAnswer, NamesTheAlgorithmOfASignature) {
  const Call call = parse(sign().dump()).value();
  const auto answer = json::parse(encodeAnswer(
      call, operations::Answer{.key = card::KeyAlgorithm::EcP256, .signature = {4, 5}}));
  EXPECT_EQ(
      answer["signatureAlgorithm"],
      (json{{"cryptoAlgorithm", "ECC"}, {"hashFunction", "SHA-256"}, {"paddingScheme", "NONE"}}));
}

TEST(AnAnswer, SaysWhyThereIsNoneInThePagesLanguage) {
  json message = signIn();
  message["arguments"]["lang"] = "zh-TW";
  const Call call = parse(message.dump()).value();
  const auto answer = json::parse(encodeAnswer(call, tl::unexpected(Refusal::Cancelled)));
  EXPECT_EQ(answer["error"]["code"], "ERR_WEBEID_USER_CANCELLED");
  EXPECT_EQ(answer["error"]["message"],
            messages::text(messages::Language::TraditionalChinese, "agent.request-cancelled"));
}

TEST(AnAnswer, HasASentenceForEachRefusalInEachLanguage) {
  for (const auto refusal :
       {Refusal::BadRequest, Refusal::Cancelled, Refusal::TimedOut, Refusal::Busy}) {
    for (const auto language : messages::languages()) {
      EXPECT_TRUE(messages::has(language, operations::messageCode(refusal)));
    }
  }
}

}  // namespace
}  // namespace fncard::agent::native

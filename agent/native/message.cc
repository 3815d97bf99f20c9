// SPDX-License-Identifier: Apache-2.0
#include "agent/native/message.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "agent/native/base64.h"

namespace fncard::agent::native {
namespace {

using nlohmann::json;
using operations::Answer;
using operations::Authenticate;
using operations::Refusal;
using operations::Request;
using operations::ShareCertificate;
using operations::SignDocument;
using operations::SignHash;

constexpr std::array<std::pair<card::Hash, const char*>, 3> kHashes = {
    {{card::Hash::Sha256, "SHA-256"},
     {card::Hash::Sha384, "SHA-384"},
     {card::Hash::Sha512, "SHA-512"}}};

const char* nameOf(card::Hash hash) {
  return std::ranges::find(kHashes, hash, &std::pair<card::Hash, const char*>::first)->second;
}

std::optional<card::Hash> hashOf(std::string_view name) {
  for (const auto& [hash, known] : kHashes) {
    if (name == known) {
      return hash;
    }
  }
  return std::nullopt;
}

/// The arguments of a command: texts under exactly these keys, and "lang" where it is given.
bool hasExactly(const json& arguments, std::initializer_list<const char*> keys) {
  const std::size_t optional = arguments.contains("lang") ? 1 : 0;
  return arguments.size() == keys.size() + optional &&
         std::ranges::all_of(keys, [&](const char* key) { return arguments.contains(key); }) &&
         std::ranges::all_of(arguments, [](const json& value) { return value.is_string(); });
}

const std::string& text(const json& arguments, const char* key) {
  return arguments.at(key).get_ref<const std::string&>();
}

std::optional<decltype(Request::action)> parseAuthenticate(const json& arguments) {
  const std::string& nonce = text(arguments, "challengeNonce");
  if (nonce.size() < Authenticate::kMinNonce || nonce.size() > Authenticate::kMaxNonce) {
    return std::nullopt;
  }
  return Authenticate{nonce};
}

std::optional<decltype(Request::action)> parseSign(const json& arguments) {
  auto hash = fromBase64(text(arguments, "hash"));
  auto certificate = fromBase64(text(arguments, "certificate"));
  const auto function = hashOf(text(arguments, "hashFunction"));
  if (!hash || !certificate || certificate->empty() || !function ||
      hash->size() != card::digestSize(*function)) {
    return std::nullopt;
  }
  return SignHash{
      .hash = std::move(*hash), .function = *function, .certificate = std::move(*certificate)};
}

std::optional<decltype(Request::action)> parseSignDocument(const json& arguments) {
  const std::string& name = text(arguments, "name");
  auto hash = fromBase64(text(arguments, "hash"));
  if (name.empty() || name.size() > SignDocument::kMaxName || !hash ||
      hash->size() != card::digestSize(card::Hash::Sha256)) {
    return std::nullopt;
  }
  return SignDocument{.name = name, .sha256 = std::move(*hash)};
}

std::optional<decltype(Request::action)> parseAction(std::string_view command,
                                                     const json& arguments) {
  if (command == "authenticate" && hasExactly(arguments, {"challengeNonce", "origin"})) {
    return parseAuthenticate(arguments);
  }
  if (command == "get-signing-certificate" && hasExactly(arguments, {"origin"})) {
    return ShareCertificate{};
  }
  if (command == "sign" &&
      hasExactly(arguments, {"certificate", "hash", "hashFunction", "origin"})) {
    return parseSign(arguments);
  }
  if (command == "sign-document" && hasExactly(arguments, {"hash", "name", "origin"})) {
    return parseSignDocument(arguments);
  }
  return std::nullopt;
}

/// Two readers may take different ones of two equal keys: neither is taken here.
json parseWithoutDoubles(ByteView bytes) {
  std::vector<std::set<std::string>> keys;
  bool doubled = false;
  const auto watch = [&](int /*depth*/, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) {
      keys.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      keys.pop_back();
    } else if (event == json::parse_event_t::key) {
      doubled |= !keys.back().insert(parsed.get<std::string>()).second;
    }
    return true;
  };
  json parsed = json::parse(bytes.begin(), bytes.end(), watch, false);
  return doubled ? json(json::value_t::discarded) : parsed;
}

/// RFC 7518 §3.1, as the token of Web eID has it.
const char* tokenAlgorithm(card::KeyAlgorithm key) {
  if (card::isRsa(key)) {
    return "RS256";
  }
  return key == card::KeyAlgorithm::EcP384 ? "ES384" : "ES256";
}

json signatureAlgorithm(card::KeyAlgorithm key, card::Hash hash) {
  const bool rsa = card::isRsa(key);
  return {{"cryptoAlgorithm", rsa ? "RSA" : "ECC"},
          {"hashFunction", nameOf(hash)},
          {"paddingScheme", rsa ? "PKCS1.5" : "NONE"}};
}

json token(const Answer& answer) {
  return {{"unverifiedCertificate", toBase64(answer.certificate)},
          {"algorithm", tokenAlgorithm(answer.key)},
          {"signature", toBase64(answer.signature)},
          {"format", "web-eid:1.0"},
          {"appVersion", "fncard-agent/" FNCARD_VERSION}};
}

json sharedCertificate(const Answer& answer) {
  json algorithms = json::array();
  for (const auto& [hash, name] : kHashes) {
    algorithms.push_back(signatureAlgorithm(answer.key, hash));
  }
  return {{"certificate", toBase64(answer.certificate)},
          {"supportedSignatureAlgorithms", algorithms}};
}

const char* errorName(Refusal refusal) {
  switch (refusal) {
    case Refusal::BadRequest:
      return "ERR_WEBEID_NATIVE_INVALID_ARGUMENT";
    case Refusal::Cancelled:
      return "ERR_WEBEID_USER_CANCELLED";
    case Refusal::TimedOut:
      return "ERR_WEBEID_USER_TIMEOUT";
    case Refusal::Busy:
      break;
  }
  return "ERR_WEBEID_ACTION_PENDING";
}

std::string error(const char* name, std::string_view code, messages::Language language) {
  return json{{"error", {{"code", name}, {"message", messages::text(language, code)}}}}.dump();
}

}  // namespace

std::optional<Call> parseCall(ByteView bytes) {
  if (bytes.size() > kMaxMessage) {
    return std::nullopt;
  }
  const json message = parseWithoutDoubles(bytes);
  if (!message.is_object() || message.size() != 2 || !message.contains("command") ||
      !message.contains("arguments") || !message["command"].is_string() ||
      !message["arguments"].is_object()) {
    return std::nullopt;
  }
  const json& arguments = message["arguments"];
  auto action = parseAction(text(message, "command"), arguments);
  if (!action) {
    return std::nullopt;
  }
  const auto origin = operations::Origin::parse(text(arguments, "origin"));
  if (!origin) {
    return std::nullopt;
  }
  Call call{.request = {.origin = *origin, .action = std::move(*action)}};
  if (arguments.contains("lang")) {
    call.language = messages::parseLanguage(text(arguments, "lang"));
  }
  return call;
}

std::string encodeAnswer(const Call& call, const operations::Result<Answer>& answer) {
  if (!answer) {
    return encodeRefusal(answer.error(), call.language.value_or(messages::ofEnvironment()));
  }
  if (std::holds_alternative<Authenticate>(call.request.action)) {
    return token(*answer).dump();
  }
  if (std::holds_alternative<ShareCertificate>(call.request.action)) {
    return sharedCertificate(*answer).dump();
  }
  if (std::holds_alternative<SignDocument>(call.request.action)) {
    return json{{"cms", toBase64(answer->signature)}}.dump();
  }
  return json{{"signature", toBase64(answer->signature)},
              {"signatureAlgorithm", signatureAlgorithm(answer->key, answer->hash)}}
      .dump();
}

std::string encodeRefusal(Refusal refusal, messages::Language language) {
  return error(errorName(refusal), operations::messageCode(refusal), language);
}

std::string encodeFailure(std::string_view code, messages::Language language) {
  return error("ERR_WEBEID_NATIVE_FATAL", code, language);
}

std::string encodeGreeting() {
  return json{{"version", FNCARD_VERSION}}.dump();
}

}  // namespace fncard::agent::native

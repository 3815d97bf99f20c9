// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/card_state.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <sstream>

namespace fncard::hw_sim {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "fncard-sim card 1";
constexpr unsigned kMaxTries = 15;  // a status word has four bits for the counter
constexpr std::size_t kReferenceSize = 8;

template <typename Integer>
std::string hexNumber(Integer value) {
  std::ostringstream out;
  out << std::uppercase << std::hex << static_cast<std::uint32_t>(value);
  return out.str();
}

std::optional<std::uint32_t> parseHexNumber(const std::string& text) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value, 16);
  return error == std::errc() && at == end && !text.empty() ? std::optional(value) : std::nullopt;
}

/// Reads members of one JSON object and remembers the first that is wrong.
class Members {
 public:
  Members(const json& object, std::string path, std::string& error)
      : object_(object), path_(std::move(path)), error_(error) {}

  const json* find(const char* name) {
    if (!object_.is_object() || !object_.contains(name)) {
      fail(name);
      return nullptr;
    }
    return &object_[name];
  }

  unsigned number(const char* name, unsigned maximum) {
    const json* member = find(name);
    if (member == nullptr || !member->is_number_unsigned() ||
        member->get<std::uint64_t>() > maximum) {
      fail(name);
      return 0;
    }
    return member->get<unsigned>();
  }

  Bytes bytes(const char* name) {
    const json* member = find(name);
    auto value = member != nullptr && member->is_string()
                     ? wire::fromHex(member->get_ref<const std::string&>())
                     : std::nullopt;
    if (!value) {
      fail(name);
      return {};
    }
    return std::move(*value);
  }

  void fail(const std::string& name) {
    if (error_.empty()) {
      error_ = path_ + name;
    }
  }

 private:
  const json& object_;
  std::string path_;
  std::string& error_;
};

json referenceJson(const Reference& reference) {
  return {{"value", wire::toHex(reference.value)},
          {"triesLeft", reference.triesLeft},
          {"triesLimit", reference.triesLimit}};
}

Reference readReference(const json* member, const char* name, std::string& error) {
  Reference out;
  if (member == nullptr) {
    return out;
  }
  Members members(*member, std::string(name) + ".", error);
  out.value = members.bytes("value");
  out.triesLimit = members.number("triesLimit", kMaxTries);
  out.triesLeft = members.number("triesLeft", out.triesLimit);
  if (out.value.size() != kReferenceSize) {
    members.fail("value");
  }
  return out;
}

ManagementKey readManagement(const json* member, std::string& error) {
  ManagementKey out;
  if (member == nullptr) {
    return out;
  }
  Members members(*member, "management.", error);
  const auto cipher = blockCipherFrom(members.number("algorithm", 0xFF));
  out.key = members.bytes("key");
  if (!cipher || out.key.size() != keySize(*cipher)) {
    members.fail("key");
    return out;
  }
  out.cipher = *cipher;
  return out;
}

void readKeys(const json* member, CardState& state, std::string& error) {
  if (member == nullptr || !member->is_object()) {
    return;
  }
  for (const auto& [name, value] : member->items()) {
    const auto reference = parseHexNumber(name);
    auto der =
        value.is_string() ? wire::fromHex(value.get_ref<const std::string&>()) : std::nullopt;
    auto key = der ? PrivateKey::fromDer(*der) : std::nullopt;
    if (!reference || *reference > 0xFF || !key) {
      error = "keys." + name;
      return;
    }
    state.keys.emplace(static_cast<std::uint8_t>(*reference), std::move(*key));
  }
}

void readObjects(const json* member, CardState& state, std::string& error) {
  if (member == nullptr || !member->is_object()) {
    return;
  }
  for (const auto& [name, value] : member->items()) {
    const auto tag = parseHexNumber(name);
    auto content =
        value.is_string() ? wire::fromHex(value.get_ref<const std::string&>()) : std::nullopt;
    if (!tag || !content) {
      error = "objects." + name;
      return;
    }
    state.objects[*tag] = std::move(*content);
  }
}

const char* algorithmName(KeyAlgorithm algorithm) {
  switch (algorithm) {
    case KeyAlgorithm::Rsa2048:
      return "RSA-2048";
    case KeyAlgorithm::Rsa3072:
      return "RSA-3072";
    case KeyAlgorithm::Rsa4096:
      return "RSA-4096";
    case KeyAlgorithm::P256:
      return "P-256";
    case KeyAlgorithm::P384:
      return "P-384";
  }
  return "";
}

const char* cipherName(BlockCipher cipher) {
  switch (cipher) {
    case BlockCipher::TripleDes:
      return "3DES";
    case BlockCipher::Aes128:
      return "AES-128";
    case BlockCipher::Aes192:
      return "AES-192";
    case BlockCipher::Aes256:
      return "AES-256";
  }
  return "";
}

json description(const CardState& state) {
  json keys = json::object();
  for (const auto& [reference, key] : state.keys) {
    keys[hexNumber(reference)] = algorithmName(key.algorithm());
  }
  json objects = json::object();
  for (const auto& [tag, content] : state.objects) {
    objects[hexNumber(tag)] = content.size();
  }
  return {{"extendedLength", state.extendedLength},
          {"serial", state.serial},
          {"pinTriesLeft", state.pin.triesLeft},
          {"pukTriesLeft", state.puk.triesLeft},
          {"foreignPinTriesLeft", state.foreignPin.triesLeft},
          {"managementAlgorithm", cipherName(state.management.cipher)},
          {"keys", keys},
          {"objects", objects}};
}

}  // namespace

CardState blankCard(bool extendedLength) {
  const Bytes serial = randomBytes(3);
  CardState state;
  state.extendedLength = extendedLength;
  state.serial = static_cast<std::uint32_t>(serial[0]) << 16U |
                 static_cast<std::uint32_t>(serial[1]) << 8U | serial[2];
  state.pin.value = paddedPin("123456");
  state.puk.value = paddedPin("12345678");
  state.foreignPin.value = paddedPin("9999");
  state.management.key = *wire::fromHex("010203040506070801020304050607080102030405060708");
  return state;
}

Bytes paddedPin(std::string_view digits) {
  Bytes out(digits.begin(), digits.end());
  out.resize(kReferenceSize, 0xFF);
  return out;
}

std::string toJson(const CardState& state) {
  json keys = json::object();
  for (const auto& [reference, key] : state.keys) {
    keys[hexNumber(reference)] = wire::toHex(key.toDer());
  }
  json objects = json::object();
  for (const auto& [tag, content] : state.objects) {
    objects[hexNumber(tag)] = wire::toHex(content);
  }
  return json{{"format", kFormat},
              {"extendedLength", state.extendedLength},
              {"serial", state.serial},
              {"pin", referenceJson(state.pin)},
              {"puk", referenceJson(state.puk)},
              {"foreignPin", referenceJson(state.foreignPin)},
              {"management",
               {{"algorithm", static_cast<unsigned>(state.management.cipher)},
                {"key", wire::toHex(state.management.key)}}},
              {"keys", keys},
              {"objects", objects}}
             .dump(1) +
         "\n";
}

tl::expected<CardState, std::string> cardStateFromJson(std::string_view text) {
  const json root = json::parse(text, nullptr, false);
  if (root.is_discarded() || !root.is_object() || root.value("format", json()) != kFormat) {
    return tl::unexpected(std::string("it is not a card of this program"));
  }
  std::string error;
  Members members(root, "", error);
  CardState state;
  const json* extended = members.find("extendedLength");
  if (extended != nullptr && extended->is_boolean()) {
    state.extendedLength = extended->get<bool>();
  } else {
    members.fail("extendedLength");
  }
  state.serial = members.number("serial", 0xFFFFFFFFU);
  state.pin = readReference(members.find("pin"), "pin", error);
  state.puk = readReference(members.find("puk"), "puk", error);
  state.foreignPin = readReference(members.find("foreignPin"), "foreignPin", error);
  state.management = readManagement(members.find("management"), error);
  readKeys(members.find("keys"), state, error);
  readObjects(members.find("objects"), state, error);
  if (!error.empty()) {
    return tl::unexpected("its member \"" + error + "\" is missing or wrong");
  }
  return state;
}

std::string describe(const CardState& state) {
  std::ostringstream out;
  out << "extended length: " << (state.extendedLength ? "yes" : "no") << "\n"
      << "serial: " << state.serial << "\n"
      << "PIN: " << state.pin.triesLeft << " of " << state.pin.triesLimit << " tries left\n"
      << "PUK: " << state.puk.triesLeft << " of " << state.puk.triesLimit << " tries left\n"
      << "PIN of the other application: " << state.foreignPin.triesLeft << " of "
      << state.foreignPin.triesLimit << " tries left\n"
      << "administration key 9B: " << cipherName(state.management.cipher) << "\n";
  for (const auto& [reference, key] : state.keys) {
    out << "key " << hexNumber(reference) << ": " << algorithmName(key.algorithm()) << "\n";
  }
  for (const auto& [tag, content] : state.objects) {
    out << "object " << hexNumber(tag) << ": " << content.size() << " bytes\n";
  }
  return out.str();
}

std::string describeAsJson(const CardState& state) {
  return description(state).dump(1) + "\n";
}

}  // namespace fncard::hw_sim

// SPDX-License-Identifier: Apache-2.0
#include "server/base/json_reader.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "net/base64.h"
#include "server/base/hash.h"
#include "server/base/text.h"

namespace fncard::server {
namespace {

constexpr int kMaxDepth = 8;

/// Refuses what nlohmann would accept silently: a member that comes twice, and deep nesting.
class StrictParse {
 public:
  bool operator()(int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (depth > kMaxDepth) {
      acceptable_ = false;
      return false;
    }
    if (event == Event::object_start) {
      names_.emplace_back();
    } else if (event == Event::object_end) {
      names_.pop_back();
    } else if (event == Event::key && !names_.back().insert(parsed.get<std::string>()).second) {
      acceptable_ = false;
    }
    return true;
  }
  [[nodiscard]] bool acceptable() const { return acceptable_; }

 private:
  std::vector<std::set<std::string>> names_;
  bool acceptable_ = true;
};

bool isControl(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte < 0x20 || byte == 0x7F;
}

/// A stranger's name in our sentence: as far as it is plain.
std::string shown(const std::string& name) {
  constexpr std::size_t kLongest = 64;
  const auto end = std::ranges::find_if(name, [](char character) {
    return isControl(character) || static_cast<unsigned char>(character) > 0x7F;
  });
  const auto length = static_cast<std::size_t>(end - name.begin());
  return name.substr(0, std::min(length, kLongest)) +
         (length < name.size() || length > kLongest ? "…" : "");
}

bool isKeyCharacter(char character) {
  return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z') ||
         (character >= '0' && character <= '9') || character == '-';
}

void wipeTexts(nlohmann::json& value) {
  if (value.is_string()) {
    auto& text = value.get_ref<std::string&>();
    OPENSSL_cleanse(text.data(), text.size());
  } else if (value.is_structured()) {
    for (nlohmann::json& member : value) {
      wipeTexts(member);
    }
  }
}

}  // namespace

JsonReader::JsonReader(std::unique_ptr<nlohmann::json> object) : object_(std::move(object)) {}
JsonReader::JsonReader(JsonReader&&) noexcept = default;
JsonReader& JsonReader::operator=(JsonReader&&) noexcept = default;
JsonReader::~JsonReader() {
  if (object_) {
    wipeTexts(*object_);
  }
}

Result<JsonReader> JsonReader::parse(std::string_view body) {
  if (body.find('\0') != std::string_view::npos) {
    return refused(400, "request.malformed");  // the library takes it for the end
  }
  StrictParse strict;
  auto parsed = std::make_unique<nlohmann::json>(nlohmann::json::parse(
      body.begin(), body.end(), std::ref(strict), /*allow_exceptions=*/false));
  if (parsed->is_discarded() || !strict.acceptable() || !parsed->is_object()) {
    return refused(400, "request.malformed");
  }
  return JsonReader(std::move(parsed));
}

const nlohmann::json* JsonReader::take(const std::string& name) {
  read_.insert(name);
  const auto found = object_->find(name);
  return found == object_->end() ? nullptr : &*found;
}

void JsonReader::wrong(const std::string& name) {
  if (wrongMember_.empty()) {
    wrongMember_ = name;
  }
}

std::string JsonReader::text(const std::string& name, std::size_t minimum, std::size_t maximum) {
  std::string value = anyText(name, minimum, maximum);
  if (!value.empty() && characters(value) == 0) {
    wrong(name);
    return {};
  }
  return value;
}

std::string JsonReader::anyText(const std::string& name, std::size_t minimum, std::size_t maximum) {
  const nlohmann::json* member = take(name);
  if (member == nullptr || !member->is_string()) {
    wrong(name);
    return {};
  }
  const auto& value = member->get_ref<const std::string&>();
  if (value.size() < minimum || value.size() > maximum) {
    wrong(name);
    return {};
  }
  return value;
}

std::string JsonReader::optionalText(const std::string& name, std::size_t minimum,
                                     std::size_t maximum) {
  if (!object_->contains(name)) {
    return {};
  }
  return text(name, minimum, maximum);
}

std::string JsonReader::oneOf(const std::string& name, const std::vector<std::string>& values) {
  std::string value = text(name, 1, 64);
  if (!value.empty() && std::ranges::find(values, value) == values.end()) {
    wrong(name);
  }
  return value;
}

std::string JsonReader::optionalOneOf(const std::string& name,
                                      const std::vector<std::string>& values) {
  return object_->contains(name) ? oneOf(name, values) : std::string();
}

bool JsonReader::boolean(const std::string& name) {
  const nlohmann::json* member = take(name);
  if (member == nullptr || !member->is_boolean()) {
    wrong(name);
    return false;
  }
  return member->get<bool>();
}

std::vector<unsigned char> JsonReader::base64(const std::string& name, std::size_t minimum,
                                              std::size_t maximum) {
  const std::string encoded = text(name, 0, (maximum + 2) / 3 * 4);
  auto bytes = net::decodeBase64(encoded);
  if (!bytes || bytes->size() < minimum || bytes->size() > maximum) {
    wrong(name);
    return {};
  }
  return *std::move(bytes);
}

std::optional<std::vector<unsigned char>> JsonReader::optionalBase64(const std::string& name,
                                                                     std::size_t minimum,
                                                                     std::size_t maximum) {
  return object_->contains(name) ? std::optional(base64(name, minimum, maximum)) : std::nullopt;
}

std::string JsonReader::idempotencyKey() {
  std::string key = text("idempotencyKey", 16, 64);
  if (!std::ranges::all_of(key, isKeyCharacter)) {
    wrong("idempotencyKey");
  }
  return key;
}

Result<JsonReader> JsonReader::object(const std::string& name) {
  const nlohmann::json* member = take(name);
  if (member == nullptr || !member->is_object()) {
    wrong(name);
    return invalidMember(name);
  }
  return JsonReader(std::make_unique<nlohmann::json>(*member));
}

std::string JsonReader::contentHash() const {
  nlohmann::json content = *object_;
  content.erase("idempotencyKey");
  content.erase("userCode");
  return sha256Hex(content.dump());
}

Result<void> JsonReader::finish() const {
  if (!wrongMember_.empty()) {
    return invalidMember(wrongMember_);
  }
  for (const auto& [name, value] : object_->items()) {
    if (!read_.contains(name)) {
      return tl::unexpected(Error{.status = 400,
                                  .code = "request.unknown-member",
                                  .parameters = {{"member", shown(name)}}});
    }
  }
  return {};
}

}  // namespace fncard::server

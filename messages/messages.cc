// SPDX-License-Identifier: Apache-2.0
#include "messages/messages.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "messages/catalogue.h"

namespace fncard::messages {
namespace {

constexpr std::array<std::string_view, kLanguageCount> kTags = {"en", "zh-TW", "id", "vi", "th"};

const char* find(Language language, std::string_view code) {
  const auto entries = catalogue();
  const auto place = std::ranges::lower_bound(entries, code, {}, &Entry::code);
  if (place == entries.end() || place->code != code) {
    return nullptr;
  }
  return place->texts.at(static_cast<std::size_t>(language));
}

const std::string* valueOf(const Parameters& parameters, std::string_view name) {
  const auto place =
      std::ranges::find(parameters, name, &std::pair<std::string_view, std::string>::first);
  return place == parameters.end() ? nullptr : &place->second;
}

// One pass, so that a value that looks like a parameter stays a value.
std::string fill(std::string_view sentence, const Parameters& parameters) {
  std::string out;
  while (!sentence.empty()) {
    const std::size_t open = sentence.find('{');
    const std::size_t close = open == std::string_view::npos ? open : sentence.find('}', open);
    if (close == std::string_view::npos) {
      break;
    }
    const std::string* value = valueOf(parameters, sentence.substr(open + 1, close - open - 1));
    out += sentence.substr(0, open);
    out += value != nullptr ? std::string_view(*value) : sentence.substr(open, close - open + 1);
    sentence.remove_prefix(close + 1);
  }
  out += sentence;
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

// A weight in thousandths (RFC 9110 §12.4.2); 0 for what is not one.
int weight(std::string_view parameter) {
  parameter = trim(parameter);
  if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) {
    return 0;
  }
  parameter.remove_prefix(2);
  if (parameter.empty() || parameter.size() > 5 || (parameter[0] != '0' && parameter[0] != '1') ||
      (parameter.size() > 1 && parameter[1] != '.')) {
    return 0;
  }
  std::string digits(1, parameter[0]);
  digits += parameter.size() > 2 ? parameter.substr(2) : std::string_view{};
  digits.resize(4, '0');
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc{} && end == digits.data() + digits.size() ? std::min(value, 1000) : 0;
}

}  // namespace

std::string text(Language language, std::string_view code, const Parameters& parameters) {
  const char* sentence = find(language, code);
  if (sentence == nullptr) {
    sentence = find(Language::English, code);
  }
  return sentence == nullptr ? std::string(code) : fill(sentence, parameters);
}

bool has(Language language, std::string_view code) {
  return find(language, code) != nullptr;
}

std::vector<std::string_view> codes() {
  std::vector<std::string_view> english;
  for (const Entry& entry : catalogue()) {
    if (entry.texts[0] != nullptr) {
      english.push_back(entry.code);
    }
  }
  return english;
}

std::vector<Language> languages() {
  return {Language::English, Language::TraditionalChinese, Language::Indonesian,
          Language::Vietnamese, Language::Thai};
}

std::string_view tag(Language language) {
  return kTags.at(static_cast<std::size_t>(language));
}

std::optional<Language> parseLanguage(std::string_view tag) {
  std::string primary(tag.substr(0, tag.find_first_of("-_.@")));
  std::ranges::transform(primary, primary.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  // A reader of simplified Chinese is served better by the traditional text than by English.
  if (primary == "zh") {
    return Language::TraditionalChinese;
  }
  if (primary == "id" || primary == "in") {  // "in" is what ISO 639 said before 1989; Java says it
    return Language::Indonesian;
  }
  if (primary == "en") {
    return Language::English;
  }
  if (primary == "vi") {
    return Language::Vietnamese;
  }
  if (primary == "th") {
    return Language::Thai;
  }
  return std::nullopt;
}

Language fromAcceptLanguage(std::string_view field) {
  Language best = Language::English;
  int bestWeight = 0;
  while (!field.empty()) {
    const std::size_t comma = field.find(',');
    const std::string_view item = trim(field.substr(0, comma));
    field.remove_prefix(comma == std::string_view::npos ? field.size() : comma + 1);
    const std::size_t semicolon = item.find(';');
    const int itemWeight =
        semicolon == std::string_view::npos ? 1000 : weight(item.substr(semicolon + 1));
    const auto language = parseLanguage(trim(item.substr(0, semicolon)));
    if (language && itemWeight > bestWeight) {
      best = *language;
      bestWeight = itemWeight;
    }
  }
  return best;
}

Language ofEnvironment() {
  // As POSIX has it, the first that is set decides, also when it names a language we do not ship.
  for (const char* name : {"FNCARD_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody here sets it
    if (value != nullptr && *value != '\0') {
      return parseLanguage(value).value_or(Language::English);
    }
  }
  return Language::English;
}

}  // namespace fncard::messages

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Every sentence that a person reads, by stable code, in every shipped language. The catalogues
/// are messages/catalogues/LANGUAGE/AREA.json, flat {"code": "sentence with {named} parameters"},
/// compiled in.
namespace fncard::messages {

enum class Language { English, TraditionalChinese, Indonesian, Vietnamese, Thai };

using Parameters = std::vector<std::pair<std::string_view, std::string>>;

/// The sentence with its parameters put in; English where the language has none; the code itself
/// where nobody has.
std::string text(Language language, std::string_view code, const Parameters& parameters = {});

bool has(Language language, std::string_view code);
std::vector<std::string_view> codes();  ///< of the English catalogues

std::vector<Language> languages();
std::string_view tag(Language language);  ///< BCP 47: "en", "zh-TW", "id", "vi", "th"
/// "zh-TW", "zh_TW.UTF-8", "zh-Hant", "in", … ; nothing for a language that is not shipped.
std::optional<Language> parseLanguage(std::string_view tag);
/// The best shipped language of an Accept-Language field (RFC 9110 §12.5.4), English without one.
Language fromAcceptLanguage(std::string_view field);
/// From FNCARD_LANGUAGE, LC_ALL, LC_MESSAGES, LANG, in this order.
Language ofEnvironment();

}  // namespace fncard::messages

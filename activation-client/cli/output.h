// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "card/error.h"
#include "messages/messages.h"

namespace fncard::activation_client {

/// How a program ends.
enum ExitCode : int { Done = 0, Refused = 1, WrongUsage = 2, NothingToWorkOn = 3 };

/// What the person sees: sentences on standard output and, when it failed, on standard error; with
/// --json one object on standard output and nothing else.
class Output {
 public:
  Output(messages::Language language, bool json) : language_(language), json_(json) {}

  [[nodiscard]] messages::Language language() const { return language_; }
  [[nodiscard]] std::string sentence(std::string_view code,
                                     const messages::Parameters& parameters = {}) const;
  /// A line for people; silent with --json.
  void say(std::string_view code, const messages::Parameters& parameters = {}) const;
  void indented(std::string_view code, const messages::Parameters& parameters = {}) const;
  /// The result of --json; silent without.
  void result(const nlohmann::json& object) const;

  int fail(int exitCode, std::string_view code, const messages::Parameters& parameters = {}) const;
  int fail(const card::Error& error) const;
  /// With a sentence that somebody else made, and more members for --json.
  int fail(int exitCode, std::string_view code, const std::string& sentence,
           const nlohmann::json& more) const;

 private:
  messages::Language language_;
  bool json_;
};

/// No service, reader or card: nothing to work on; anything else: refused.
ExitCode exitCodeOf(card::ErrorCode code);
/// The same by message code, as the activation reports it.
ExitCode exitCodeOf(std::string_view code);

/// "?" when it is not known.
messages::Parameters triesParameter(std::optional<unsigned> triesLeft);

}  // namespace fncard::activation_client

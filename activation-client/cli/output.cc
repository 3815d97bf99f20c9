// SPDX-License-Identifier: Apache-2.0
#include "activation-client/cli/output.h"

#include <iostream>
#include <nlohmann/json.hpp>

namespace fncard::activation_client {
namespace {

using nlohmann::json;

// Text from a card or a server goes to a terminal: no control characters, so that it cannot play
// with it.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      c = ' ';
    }
  }
  return text;
}

}  // namespace

messages::Parameters triesParameter(std::optional<unsigned> triesLeft) {
  return {{"tries", triesLeft ? std::to_string(*triesLeft) : "?"}};
}

std::string Output::sentence(std::string_view code, const messages::Parameters& parameters) const {
  return printable(messages::text(language_, code, parameters));
}

void Output::say(std::string_view code, const messages::Parameters& parameters) const {
  if (!json_) {
    std::cout << sentence(code, parameters) << std::endl;
  }
}

void Output::indented(std::string_view code, const messages::Parameters& parameters) const {
  if (!json_) {
    std::cout << "  " << sentence(code, parameters) << std::endl;
  }
}

void Output::result(const json& object) const {
  if (json_) {
    std::cout << object.dump(2, ' ', false, json::error_handler_t::replace) << std::endl;
  }
}

int Output::fail(int exitCode, std::string_view code,
                 const messages::Parameters& parameters) const {
  return fail(exitCode, code, sentence(code, parameters), json::object());
}

int Output::fail(const card::Error& error) const {
  json more = json::object();
  if (error.triesLeft) {
    more["triesLeft"] = *error.triesLeft;
  }
  const std::string_view code = card::messageCode(error.code);
  return fail(exitCodeOf(error.code), code, sentence(code, triesParameter(error.triesLeft)), more);
}

int Output::fail(int exitCode, std::string_view code, const std::string& sentence,
                 const json& more) const {
  if (json_) {
    json error = {{"code", code}, {"message", sentence}};
    error.update(more);
    result({{"error", error}});
  } else {
    std::cerr << printable(sentence) << std::endl;
  }
  return exitCode;
}

ExitCode exitCodeOf(card::ErrorCode code) {
  const bool nothing = code == card::ErrorCode::NoService || code == card::ErrorCode::NoReader ||
                       code == card::ErrorCode::NoCard;
  return nothing ? NothingToWorkOn : Refused;
}

ExitCode exitCodeOf(std::string_view code) {
  for (const auto nothing :
       {card::ErrorCode::NoService, card::ErrorCode::NoReader, card::ErrorCode::NoCard}) {
    if (code == card::messageCode(nothing)) {
      return NothingToWorkOn;
    }
  }
  return Refused;
}

}  // namespace fncard::activation_client

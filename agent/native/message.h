// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "agent/operations/request.h"
#include "messages/messages.h"

/// What the browser extension and the agent say to each other: JSON with the commands of
/// Web eID and "sign-document".
namespace fncard::agent::native {

/// Bytes of the longest message of the extension.
inline constexpr std::size_t kMaxMessage = 8192;

struct Call {
  operations::Request request;
  std::optional<messages::Language> language;  ///< of the sentences that the page gets
};

/// {"command":…,"arguments":{…}} with exactly the keys of the command. Nothing for anything else.
std::optional<Call> parseCall(ByteView json);

/// The answer to a call: token, certificate, signature, CMS, or {"error":{"code":…,"message":…}}.
std::string encodeAnswer(const Call& call, const operations::Result<operations::Answer>& answer);
std::string encodeRefusal(operations::Refusal refusal, messages::Language language);
/// The browser's end could not be served at all; code is of a sentence.
std::string encodeFailure(std::string_view code, messages::Language language);
/// What the native host says first.
std::string encodeGreeting();

}  // namespace fncard::agent::native

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "messages/messages.h"
#include "server/publication/judge.h"
#include "trust/signed_message.h"

/// Verdicts as docs/api.md writes them, for POST /api/v1/verify and `fncard-server verify`.
namespace fncard::server::api {

/// One certificate, with others for its path.
using Judge = std::function<Result<publication::Judgement>(const trust::Certificate&,
                                                           const std::vector<trust::Bytes>&)>;

/// "signature", "authentication", "encryption".
const std::vector<std::string>& purposeNames();
/// Signature for a name that is none.
trust::Purpose purposeOf(const std::string& name);

Result<nlohmann::json> verdictOf(const trust::Certificate& certificate, const Judge& judge,
                                 messages::Language language);
/// Each signer with the signature and, when their certificate is there, the verdict over it.
Result<nlohmann::json> verdictOf(const trust::SignedMessage& message, const Judge& judge,
                                 messages::Language language);
/// {good, code, message}; code and message are null for a yes.
nlohmann::json answerOf(const trust::Result<void>& answer, messages::Language language);

}  // namespace fncard::server::api

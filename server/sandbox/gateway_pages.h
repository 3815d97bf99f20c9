// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/http.h"
#include "server/sandbox/trade.h"

/// The gateway's pages: small, without script but for the one that posts a form by itself.
namespace fncard::server::sandbox {

std::string payPage(const Trade& trade);
/// Posts the result to the shop's page, as ECPay has the browser do; a button where scripts are
/// off.
std::string resultPage(const std::string& url, const net::Form& fields);
std::string sentencePage(const std::string& sentence);

}  // namespace fncard::server::sandbox

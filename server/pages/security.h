// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "net/http.h"
#include "server/base/error.h"

/// What keeps other people's pages away from ours.
namespace fncard::server::pages {

/// Headers of every page: no source but our own, no frame, no cache. formTarget is an origin that
/// the page's form may be posted to besides our own, or empty.
void secure(net::Response& response, const std::string& formTarget);

/// "https://portal.example": scheme, host and port as Url::origin() writes them; empty for no URL.
std::string originOf(const std::string& url);

/// A posted form comes from a page of ours: the browser says so (Fetch standard §3.2: every POST
/// has Origin). 403 pages.foreign-form.
Result<void> checkOrigin(const net::Request& request, const std::string& portalOrigin);

}  // namespace fncard::server::pages

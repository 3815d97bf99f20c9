// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/server.h"

/// Errors for people: what the API, the limits and the listener answer in JSON (docs/api.md) is a
/// page where a browser asked for it.
namespace fncard::server::pages {

/// The answer as it is, or the error in it as a page in the person's language: for a browser
/// (Accept has text/html) that did not call the API. The page knows no session.
net::Response forPeople(const net::Request& request, net::Response response);
net::Handler forPeople(net::Handler handler);
net::RefusalHandler forPeople(net::RefusalHandler handler);

}  // namespace fncard::server::pages

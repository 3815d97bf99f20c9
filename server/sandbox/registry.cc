// SPDX-License-Identifier: Apache-2.0
#include "server/sandbox/registry.h"

#include <nlohmann/json.hpp>

#include "server/sandbox/permit_table.h"

namespace fncard::server::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxNumber = 32;

net::Response answer(int status, const json& body) {
  return net::Response::json(status, body.dump() + "\n");
}

net::Response look(const PermitTable& table, const std::string& number) {
  const auto entry = table.find(number);
  if (!entry) {
    return answer(200, {{"state", "unknown"}});
  }
  if (entry->unreachable) {
    return answer(503, {{"error", "the database cannot be reached"}});
  }
  return answer(200, {{"state", entry->state},
                      {"bearerIsHolder", entry->bearerIsHolder},
                      {"name", entry->name},
                      {"birthDate", entry->birthDate}});
}

net::Response change(PermitTable& table, const std::string& number, const std::string& body) {
  auto entry = readEntry(json::parse(body, nullptr, false));
  if (!entry || number.size() > kMaxNumber) {
    return answer(400, {{"error", "not a record of a permit"}});
  }
  return table.put(number, std::move(*entry)) ? net::Response::noContent()
                                              : answer(507, {{"error", "the table is full"}});
}

}  // namespace

std::string builtInTable() {
  return R"({
    "A800000014": {"state": "valid", "name": "NGUYEN THI HOA", "birthDate": "1990-05-17"},
    "A900000016": {"state": "valid", "name": "MARIA SANTOS", "birthDate": "1985-11-02"},
    "F800000019": {"state": "valid", "name": "SITI RAHAYU", "birthDate": "1993-02-28"},
    "B912345674": {"state": "valid", "name": "SOMCHAI JAIDEE", "birthDate": "1979-08-09"},
    "AA00000009": {"state": "valid", "name": "JOHN SMITH", "birthDate": "1970-01-01"},
    "AC03095424": {"state": "valid", "name": "YAMADA HANAKO 山田花子", "birthDate": "1988-12-31"},
    "H870000012": {"state": "expired", "name": "TRAN VAN BINH", "birthDate": "1982-03-14"},
    "HD02717288": {"state": "revoked", "name": "BUDI SANTOSO", "birthDate": "1991-07-23"},
    "FC12345674": {"state": "valid", "name": "LE THI MAI", "birthDate": "2010-06-01"},
    "E800000027": {"state": "valid", "bearerIsHolder": false, "name": "DEWI LESTARI",
                   "birthDate": "1995-09-19"},
    "D900000037": {"unreachable": true}
  })";
}

net::Result<std::unique_ptr<net::Server>> startRegistry(const RegistryOptions& options) {
  auto table = std::make_shared<PermitTable>();
  if (!table->load(options.table.empty() ? builtInTable() : options.table)) {
    return tl::unexpected(net::Error{net::ErrorCode::Malformed, "not a table of permits"});
  }
  net::Router router;
  router.add("GET", "/permits/{number}",
             [table](const net::Request&, const net::Router::Parameters& parameters) {
               return look(*table, parameters.at("number"));
             });
  router.add("PUT", "/permits/{number}",
             [table](const net::Request& request, const net::Router::Parameters& parameters) {
               return change(*table, parameters.at("number"), request.body);
             });
  return net::Server::start(
      {.port = options.port},
      [router = std::move(router)](const net::Request& request) { return router.route(request); });
}

}  // namespace fncard::server::sandbox

// SPDX-License-Identifier: Apache-2.0
#include "server/program/configuration.h"

#include <toml++/toml.h>

#include <sstream>

#include "server/program/pem.h"
#include "server/store/open.h"

namespace fncard::server::program {
namespace {

std::string text(const toml::table& table, const char* section, const char* name) {
  return table[section][name].value_or(std::string());
}

template <typename Number>
Number number(const toml::table& table, const char* section, const char* name, Number otherwise,
              std::int64_t most) {
  const std::int64_t value = table[section][name].value_or(static_cast<std::int64_t>(otherwise));
  return value >= 1 && value <= most ? static_cast<Number>(value) : otherwise;
}

/// As number(), where 0 is a value of its own: no limit.
template <typename Number>
Number limit(const toml::table& table, const char* name, Number otherwise, std::int64_t most) {
  return table["limits"][name].value_or(std::int64_t{1}) == 0
             ? Number{0}
             : number(table, "limits", name, otherwise, most);
}

void readLimits(const toml::table& table, Configuration& result) {
  constexpr std::int64_t kMostConnections = 65'536;
  constexpr std::int64_t kMostPerMinute = 1'000'000;
  result.limits.connections =
      number(table, "limits", "connections", result.limits.connections, kMostConnections);
  result.limits.connectionsPerAddress = limit(
      table, "connections-per-address", result.limits.connectionsPerAddress, kMostConnections);
  operation::RateLimits& rates = result.rateLimits;
  rates.secrets = limit(table, "secrets-per-minute", rates.secrets, kMostPerMinute);
  rates.writes = limit(table, "writes-per-minute", rates.writes, kMostPerMinute);
  rates.behindProxy = table["limits"]["behind-proxy"].value_or(false);
}

/// As in the chains of the audit log.
bool isNodeName(const std::string& name) {
  constexpr std::size_t kLongest = 32;
  return name.size() <= kLongest &&
         name.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") ==
             std::string::npos;
}

/// So that a directory can be copied, and restored to another place.
std::string inDirectory(const Files& files, const std::string& file) {
  return file.empty() || file.starts_with('/') ? file : files(file);
}

}  // namespace

Outcome<Configuration> readConfiguration(const Files& files) {
  const std::string path = files(kConfigurationFile);
  toml::table table;
  try {
    table = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    return stop("The configuration " + path + " cannot be read: " +
                std::string(error.description()) + ". Run fncard-server init first.");
  }
  constexpr std::int64_t kMostOperations = 100;
  constexpr std::int64_t kMostMemory = 4'000'000'000;
  constexpr std::int64_t kMostShards = 65'536;
  constexpr std::int64_t kMostDays = 36'525;
  Configuration result;
  result.baseUrl = text(table, "server", "base-url");
  result.portalUrl = text(table, "server", "portal-url");
  result.sandbox = table["server"]["sandbox"].value_or(false);
  result.crlShards = number(table, "server", "crl-shards", result.crlShards, kMostShards);
  result.node = text(table, "server", "node");
  if (!isNodeName(result.node)) {
    return stop("The node's name in " + path + " must be 1 to 32 letters, digits or hyphens.");
  }
  result.store = text(table, "store", "location");
  if (!result.store.empty() && !store::isPostgresql(result.store)) {
    return stop("The store's location in " + path +
                " must be postgresql://…, or empty for SQLite in the directory.");
  }
  result.daysKept = number(table, "store", "days-kept", result.daysKept, kMostDays);
  result.hsm = {.module = text(table, "hsm", "module"),
                .tokenLabel = text(table, "hsm", "token"),
                .pinFile = inDirectory(files, text(table, "hsm", "pin-file"))};
  result.softHsm = table["hsm"]["softhsm"].value_or(true);
  result.registryUrl = text(table, "registry", "url");
  result.gatewayUrl = text(table, "gateway", "url");
  result.merchantId = text(table, "gateway", "merchant-id");
  result.hashKey = text(table, "gateway", "hash-key");
  result.hashIv = text(table, "gateway", "hash-iv");
  result.hashCost.operations =
      number(table, "user-code", "operations", result.hashCost.operations, kMostOperations);
  result.hashCost.memoryBytes =
      number(table, "user-code", "memory-bytes", result.hashCost.memoryBytes, kMostMemory);
  readLimits(table, result);
  return result;
}

Outcome<void> writeConfiguration(const Files& files, const Configuration& configuration) {
  const toml::table table{
      {"server", toml::table{{"base-url", configuration.baseUrl},
                             {"portal-url", configuration.portalUrl},
                             {"sandbox", configuration.sandbox},
                             {"node", configuration.node},
                             {"crl-shards", static_cast<std::int64_t>(configuration.crlShards)}}},
      {"store", toml::table{{"location", configuration.store},
                            {"days-kept", static_cast<std::int64_t>(configuration.daysKept)}}},
      {"hsm", toml::table{{"module", configuration.hsm.module},
                          {"token", configuration.hsm.tokenLabel},
                          {"pin-file", configuration.hsm.pinFile},
                          {"softhsm", configuration.softHsm}}},
      {"registry", toml::table{{"url", configuration.registryUrl}}},
      {"gateway", toml::table{{"url", configuration.gatewayUrl},
                              {"merchant-id", configuration.merchantId},
                              {"hash-key", configuration.hashKey},
                              {"hash-iv", configuration.hashIv}}},
      {"user-code",
       toml::table{
           {"operations", static_cast<std::int64_t>(configuration.hashCost.operations)},
           {"memory-bytes", static_cast<std::int64_t>(configuration.hashCost.memoryBytes)}}},
      {"limits",
       toml::table{
           {"connections", static_cast<std::int64_t>(configuration.limits.connections)},
           {"connections-per-address",
            static_cast<std::int64_t>(configuration.limits.connectionsPerAddress)},
           {"secrets-per-minute", static_cast<std::int64_t>(configuration.rateLimits.secrets)},
           {"writes-per-minute", static_cast<std::int64_t>(configuration.rateLimits.writes)},
           {"behind-proxy", configuration.rateLimits.behindProxy}}}};
  std::ostringstream written;
  written << "# fncard-server: made by init, read at start\n" << table << "\n";
  return writeNewFile(files(kConfigurationFile), written.str(), Access::OwnerOnly);
}

Outcome<issuance::AuthorityCertificates> readCertificates(const Files& files) {
  auto root = readPemCertificate(files(kRootFile));
  auto issuing = readPemCertificate(files(kIssuingFile));
  auto ocsp = readPemCertificate(files(kOcspFile));
  auto operators = readPemCertificate(files(kOperatorsFile));
  for (const auto* read : {&root, &issuing, &ocsp, &operators}) {
    if (!*read) {
      return tl::unexpected(read->error());
    }
  }
  return issuance::AuthorityCertificates{*std::move(root), *std::move(issuing), *std::move(ocsp),
                                         *std::move(operators)};
}

Outcome<void> writeCertificates(const Files& files,
                                const issuance::AuthorityCertificates& certificates) {
  for (const auto& [name, der] :
       {std::pair{kRootFile, &certificates.root}, std::pair{kIssuingFile, &certificates.issuing},
        std::pair{kOcspFile, &certificates.ocsp},
        std::pair{kOperatorsFile, &certificates.operators}}) {
    auto written = writeNewFile(files(name), pemOf(*der), Access::Everybody);
    if (!written) {
      return written;
    }
  }
  return {};
}

}  // namespace fncard::server::program

// SPDX-License-Identifier: Apache-2.0
#include "server/program/configuration.h"

#include <toml++/toml.h>

#include <filesystem>
#include <set>
#include <sstream>

#include "server/program/pem.h"
#include "server/store/open.h"

namespace fncard::server::program {
namespace {

/// Takes the settings one by one; what is wrong or left over is told, and nothing is guessed.
class Settings {
 public:
  explicit Settings(const toml::table& table) : table_(table) {}

  std::string text(const std::string& section, const std::string& name) {
    return take<std::string>(section, name, {}, "a text");
  }
  bool flag(const std::string& section, const std::string& name, bool otherwise) {
    return take<bool>(section, name, otherwise, "true or false");
  }
  template <typename Number>
  Number number(const std::string& section, const std::string& name, Number otherwise,
                std::int64_t least, std::int64_t most) {
    const std::string range =
        "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
    const auto value =
        take<std::int64_t>(section, name, static_cast<std::int64_t>(otherwise), range);
    if (value < least || value > most) {
      complain(section, name, "must be " + range);
      return otherwise;
    }
    return static_cast<Number>(value);
  }
  /// What is wrong first: "[limits] connections must be …"; empty when nothing is.
  std::string fault() {
    for (const auto& [section, members] : table_) {
      const auto* const known = members.as_table();
      if (known == nullptr) {
        complain(std::string(section.str()), "", "is not a section");
        continue;
      }
      for (const auto& [name, value] : *known) {
        if (!taken_.contains(std::string(section.str()) + "." + std::string(name.str()))) {
          complain(std::string(section.str()), std::string(name.str()), "is not a setting");
        }
      }
    }
    return fault_;
  }

 private:
  template <typename Value>
  Value take(const std::string& section, const std::string& name, Value otherwise,
             const std::string& form) {
    taken_.insert(section + "." + name);
    const auto node = table_[section][name];
    if (!node) {
      return otherwise;
    }
    const auto value = node.value_exact<Value>();
    if (!value) {
      complain(section, name, "must be " + form);
    }
    return value.value_or(otherwise);
  }
  void complain(const std::string& section, const std::string& name, const std::string& what) {
    if (fault_.empty()) {
      fault_ = "[" + section + "] " + name + (name.empty() ? "" : " ") + what;
    }
  }

  const toml::table& table_;
  std::set<std::string> taken_;
  std::string fault_;
};

/// 0 is "no limit" where the documentation says so.
void readLimits(Settings& settings, Configuration& result) {
  constexpr std::int64_t kMostConnections = 65'536;
  constexpr std::int64_t kMostPerMinute = 1'000'000;
  result.limits.connections =
      settings.number("limits", "connections", result.limits.connections, 1, kMostConnections);
  operation::RateLimits& rates = result.rateLimits;
  rates.behindProxy = settings.flag("limits", "behind-proxy", false);
  // from a proxy all come
  result.limits.connectionsPerAddress =
      settings.number("limits", "connections-per-address",
                      rates.behindProxy ? std::size_t{0} : result.limits.connectionsPerAddress, 0,
                      kMostConnections);
  rates.secrets = settings.number("limits", "secrets-per-minute", rates.secrets, 0, kMostPerMinute);
  rates.writes = settings.number("limits", "writes-per-minute", rates.writes, 0, kMostPerMinute);
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
  Settings settings(table);
  Configuration result;
  result.baseUrl = settings.text("server", "base-url");
  result.portalUrl = settings.text("server", "portal-url");
  result.sandbox = settings.flag("server", "sandbox", false);
  result.crlShards = settings.number("server", "crl-shards", result.crlShards, 1, kMostShards);
  result.node = settings.text("server", "node");
  result.store = settings.text("store", "location");
  result.daysKept = settings.number("store", "days-kept", result.daysKept, 1, kMostDays);
  result.hsm = {.module = settings.text("hsm", "module"),
                .tokenLabel = settings.text("hsm", "token"),
                .pinFile = inDirectory(files, settings.text("hsm", "pin-file"))};
  result.softHsm = settings.flag("hsm", "softhsm", true);
  result.registryUrl = settings.text("registry", "url");
  result.gatewayUrl = settings.text("gateway", "url");
  result.merchantId = settings.text("gateway", "merchant-id");
  result.hashKey = settings.text("gateway", "hash-key");
  result.hashIv = settings.text("gateway", "hash-iv");
  result.hashCost.operations =
      settings.number("user-code", "operations", result.hashCost.operations, 1, kMostOperations);
  result.hashCost.memoryBytes =
      settings.number("user-code", "memory-bytes", result.hashCost.memoryBytes, 1, kMostMemory);
  readLimits(settings, result);
  if (const std::string fault = settings.fault(); !fault.empty()) {
    return stop("In the configuration " + path + " " + fault + ".");
  }
  if (!isNodeName(result.node)) {
    return stop("The node's name in " + path + " must be 1 to 32 letters, digits or hyphens.");
  }
  if (!result.store.empty() && !store::isPostgresql(result.store)) {
    return stop("The store's location in " + path +
                " must be postgresql://…, or empty for SQLite in the directory.");
  }
  return result;
}

Outcome<void> checkComplete(const Files& files, const Configuration& configuration) {
  if (configuration.sandbox) {
    return {};
  }
  std::string missing;
  const auto demand = [&missing](bool there, const char* what) {
    if (!there) {
      missing += (missing.empty() ? "" : ", ") + std::string(what);
    }
  };
  demand(!configuration.baseUrl.empty(), "[server] base-url");
  demand(!configuration.registryUrl.empty(), "[registry] url");
  demand(!configuration.gatewayUrl.empty(), "[gateway] url");
  demand(!configuration.merchantId.empty(), "[gateway] merchant-id");
  demand(!configuration.hashKey.empty(), "[gateway] hash-key");
  demand(!configuration.hashIv.empty(), "[gateway] hash-iv");
  demand(std::filesystem::exists(files(kTlsCertificateFile)), "the file tls.pem");
  demand(std::filesystem::exists(files(kTlsKeyFile)), "the file tls.key");
  if (missing.empty()) {
    return {};
  }
  return stop("A server that is no sandbox needs in " + files(kConfigurationFile) +
              " and its directory: " + missing + ".");
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

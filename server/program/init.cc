// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <filesystem>
#include <iostream>

#include "net/http.h"
#include "server/hsm/softhsm.h"
#include "server/program/commands.h"
#include "server/program/pem.h"
#include "server/store/open.h"

namespace fncard::server::program {
namespace {

/// Of the sandbox's programs, when serve does not say others.
constexpr const char* kSandboxRegistry = "http://127.0.0.1:8090";
constexpr const char* kSandboxGateway = "http://127.0.0.1:8091";

/// ECPay's public test merchant.
void useTestMerchant(Configuration& configuration) {
  configuration.registryUrl = kSandboxRegistry;
  configuration.gatewayUrl = kSandboxGateway;
  configuration.merchantId = "3002607";
  configuration.hashKey = "pwFHCqoQZGmho4w6";
  configuration.hashIv = "EkRm7iFT261dpevs";
}

/// An empty directory of the owner's own.
Outcome<std::string> prepareDirectory(const std::string& directory) {
  std::error_code error;
  const auto path = std::filesystem::absolute(directory, error).lexically_normal();
  std::filesystem::create_directories(path, error);
  if (error || ::chmod(path.c_str(), S_IRWXU) != 0) {
    return stop("The directory " + directory + " cannot be made.");
  }
  if (!std::filesystem::is_empty(path, error) || error) {
    return stop("The directory " + directory +
                " is not empty; name a new one, or remove what an interrupted init left there.");
  }
  std::string text = path.string();
  while (text.size() > 1 && text.ends_with('/')) {
    text.pop_back();
  }
  return text;
}

Outcome<void> makeTlsCertificate(const Files& files, issuance::Authority& authority, Time now) {
  const auto key = makeKey();
  if (!key) {
    return tl::unexpected(key.error());
  }
  const auto certificate = authority.issueOperator(
      "fncard-server", "server", publicKeyOf(key->get()), {"localhost", "127.0.0.1"}, now);
  if (!certificate) {
    return stop("No TLS certificate can be made: " + certificate.error().detail + ".");
  }
  return writeKey(files(kTlsKeyFile), key->get()).and_then([&] {
    return writeNewFile(files(kTlsCertificateFile), pemOf(certificate->der), Access::Everybody);
  });
}

}  // namespace

Outcome<void> init(const InitOptions& options) {
  if (!options.baseUrl.empty()) {
    const auto url = net::Url::parse(options.baseUrl);
    if (!url || url->tls || url->target != "/") {
      return stop(
          "The base URL must be like http://ca.example.org: plain HTTP, no path (RFC 5280"
          " section 8).");
    }
  }
  if (!options.store.empty() && !store::isPostgresql(options.store)) {
    return stop("The store must be like postgresql:///fncard?host=/run/postgresql.");
  }
  const auto directory = prepareDirectory(options.directory);
  if (!directory) {
    return tl::unexpected(directory.error());
  }
  const Files files(*directory);
  Configuration configuration{
      .baseUrl = options.baseUrl, .sandbox = options.sandbox, .store = options.store};
  if (options.sandbox) {
    useTestMerchant(configuration);
    // everybody in a sandbox comes from one address, and its tests do not wait
    configuration.rateLimits = {.secrets = 0, .writes = 0};
  }
  // first, because it is what may be out of reach
  const auto store = openStore(files, configuration);
  if (!store) {
    return tl::unexpected(store.error());
  }
  const auto token =
      hsm::makeSoftHsmToken(files(kTokenDirectory), "fncard-server", files(kPinFile));
  if (!token) {
    return stop(token.error().detail);
  }
  configuration.hsm = *token;
  const auto hsm = hsm::Hsm::open(configuration.hsm);
  if (!hsm) {
    return stop(hsm.error().detail);
  }
  const Time now = SystemClock().now();
  const auto certificates = issuance::createAuthority(**hsm, now);
  if (!certificates) {
    return stop("The authority cannot be made: " + certificates.error().detail + ".");
  }
  issuance::Authority authority(**hsm, *certificates);
  const auto written = writeCertificates(files, *certificates).and_then([&] {
    return options.sandbox ? makeTlsCertificate(files, authority, now) : Outcome<void>();
  });
  if (!written) {
    return written;
  }
  configuration.hsm.pinFile = kPinFile;
  // the configuration comes last: without it, the directory is not a server's
  const auto configured = writeConfiguration(files, configuration);
  if (!configured) {
    return configured;
  }
  std::cout << "The authority is in " << *directory << ". Next:\n  fncard-server operator add NAME"
            << " --role officer --output DIRECTORY --directory " << *directory
            << "\n  fncard-server serve --directory " << *directory << "\n";
  return {};
}

}  // namespace fncard::server::program

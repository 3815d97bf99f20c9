// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "server/base/time.h"
#include "server/program/commands.h"
#include "server/program/pem.h"

namespace fncard::server::program {
namespace {

/// A name becomes a file name and part of a certificate.
bool isOperatorName(const std::string& name) {
  constexpr std::size_t kLongest = 64;
  constexpr std::string_view kCharacters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  return !name.empty() && name.size() <= kLongest && name.front() != '.' && name.front() != '-' &&
         name.find_first_not_of(kCharacters) == std::string::npos;
}

Outcome<issuance::IssuedCertificate> certify(const Files& files, const OperatorOptions& options,
                                             EVP_PKEY* key, Time now) {
  const auto configuration = readConfiguration(files);
  if (!configuration) {
    return tl::unexpected(configuration.error());
  }
  const auto certificates = readCertificates(files);
  if (!certificates) {
    return tl::unexpected(certificates.error());
  }
  const auto hsm = openHsm(files, *configuration);
  if (!hsm) {
    return tl::unexpected(hsm.error());
  }
  issuance::Authority authority(**hsm, *certificates);
  auto issued = authority.issueOperator(options.name, options.role, publicKeyOf(key), {}, now);
  if (!issued) {
    return stop("No certificate can be made: " + issued.error().detail + ".");
  }
  return *std::move(issued);
}

Outcome<void> writeFiles(const Files& files, const OperatorOptions& options, EVP_PKEY* key,
                         const issuance::Bytes& certificate) {
  std::error_code error;
  std::filesystem::create_directories(options.output, error);
  const std::string base = options.output + "/" + options.name;
  const auto trusted = readPemCertificate(files(kOperatorsFile));
  if (!trusted) {
    return tl::unexpected(trusted.error());
  }
  return writeKey(base + ".key", key)
      .and_then([&] {
        return writeNewFile(base + ".pem", pemOf(certificate) + pemOf(*trusted), Access::Everybody);
      })
      .and_then([&] {
        return replaceFile(options.output + "/" + kOperatorsFile, pemOf(*trusted),
                           Access::Everybody);
      });
}

}  // namespace

Outcome<void> addOperator(const OperatorOptions& options) {
  if (!isOperatorName(options.name)) {
    return stop("An operator's name has 1 to 64 letters, digits, dots, hyphens or underscores.");
  }
  const Files files(std::filesystem::absolute(options.directory).lexically_normal().string());
  const auto key = makeKey();
  if (!key) {
    return tl::unexpected(key.error());
  }
  const Time now = SystemClock().now();
  const auto issued = certify(files, options, key->get(), now);
  if (!issued) {
    return tl::unexpected(issued.error());
  }
  const auto store = openStore(files);
  if (!store) {
    return tl::unexpected(store.error());
  }
  // written first: a certificate that the store does not know opens nothing
  const auto written = writeFiles(files, options, key->get(), issued->der);
  if (!written) {
    return written;
  }
  const auto added = (*store)->addOperator(
      {.serial = issued->serial, .name = options.name, .role = options.role, .addedAt = now});
  if (!added) {
    return stop("The operator cannot be recorded: " + added.error().detail + ".");
  }
  std::cout << options.role << " " << options.name << ": " << options.output << "/" << options.name
            << ".pem and .key\n";
  return {};
}

Outcome<void> listOperators(const OperatorOptions& options) {
  const auto store = openStore(Files(options.directory));
  if (!store) {
    return tl::unexpected(store.error());
  }
  const auto operators = (*store)->operators();
  if (!operators) {
    return stop("The operators cannot be read: " + operators.error().detail + ".");
  }
  nlohmann::json list = nlohmann::json::array();
  for (const store::Operator& found : *operators) {
    if (!options.json) {
      std::cout << found.role << "  " << found.name << "  " << found.serial
                << (found.withdrawnAt ? "  withdrawn " + utcText(*found.withdrawnAt) : "") << "\n";
      continue;
    }
    list.push_back({{"name", found.name},
                    {"role", found.role},
                    {"serial", found.serial},
                    {"addedAt", utcText(found.addedAt)},
                    {"withdrawnAt", found.withdrawnAt ? nlohmann::json(utcText(*found.withdrawnAt))
                                                      : nlohmann::json(nullptr)}});
  }
  if (options.json) {
    std::cout << list.dump() << "\n";
  }
  return {};
}

Outcome<void> withdrawOperator(const OperatorOptions& options) {
  const auto store = openStore(Files(options.directory));
  if (!store) {
    return tl::unexpected(store.error());
  }
  const auto withdrawn = (*store)->withdrawOperator(options.name, SystemClock().now());
  if (!withdrawn) {
    return stop(withdrawn.error().code == store::ErrorCode::NotFound
                    ? "There is no operator " + options.name + " with a valid certificate."
                    : "The operator cannot be withdrawn: " + withdrawn.error().detail + ".");
  }
  std::cout << options.name << " is withdrawn.\n";
  return {};
}

}  // namespace fncard::server::program

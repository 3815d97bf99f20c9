// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/program/office.h"

/// One function a command of fncard-server. Each prints what it did; a Failure is the sentence for
/// standard error and exit code 1.
namespace fncard::server::program {

struct InitOptions {
  std::string directory;
  std::string baseUrl;
  bool sandbox = false;
  std::string store;  ///< "postgresql://…"; empty: SQLite in the directory
};
Outcome<void> init(const InitOptions& options);

struct ServeOptions {
  std::string directory;
  std::uint16_t port = 8080;
  std::uint16_t tlsPort = 8443;
  std::optional<std::uint16_t> metricsPort;  ///< nothing: no metrics
  std::string portFile;       ///< lines: the plain port, the TLS port, the metrics' where they are
  unsigned drainSeconds = 0;  ///< after SIGTERM: "not ready" for so long before the listeners close
  Overrides overrides;
  TimeOptions time;
};
Outcome<void> serve(const ServeOptions& options);

struct OperatorOptions {
  std::string directory;
  std::string name;
  std::string role;
  std::string output;
  bool json = false;
};
Outcome<void> addOperator(const OperatorOptions& options);
Outcome<void> listOperators(const OperatorOptions& options);
Outcome<void> withdrawOperator(const OperatorOptions& options);

struct RegisterOptions {
  std::string server;
  std::string certificate;
  std::string key;
  std::string trust;
  std::string permitNumber;
  bool bearerConfirmed = false;
  std::string phone;
  std::string email;
  std::string language = "en";
  std::string profile = "rsa2048";
  std::string idempotencyKey;  ///< empty: a new one
  std::string userCodeFile;    ///< empty: the code is printed
  bool json = false;
};
Outcome<void> registerApplicant(const RegisterOptions& options);

struct ListOptions {
  std::string directory;
  bool json = false;
  Overrides overrides;
  TimeOptions time;
};
Outcome<void> purge(const ListOptions& options);
Outcome<void> listJobs(const ListOptions& options);
Outcome<void> listOrders(const ListOptions& options);
Outcome<void> listRefunds(const ListOptions& options);
Outcome<void> verifyAudit(const ListOptions& options);

struct VerifyOptions {
  std::string directory;
  std::string purpose = "signature";
  std::string at;       ///< "2026-01-31T12:00:00Z"; empty: now
  std::string content;  ///< of detached signatures: a file, or empty
  std::vector<std::string> files;
  bool json = false;
};
/// A Failure when one file is not good.
Outcome<void> verify(const VerifyOptions& options);

}  // namespace fncard::server::program

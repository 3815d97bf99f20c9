// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>

#include "server/api/verdict.h"
#include "server/base/time.h"
#include "server/program/commands.h"

namespace {

using namespace fncard::server::program;  // NOLINT(google-build-using-namespace): its command line

constexpr int kRefused = 1;
constexpr int kWrongUsage = 2;

/// The command that was chosen.
using Command = std::function<Outcome<void>()>;

void addDirectory(CLI::App* command, std::string& directory) {
  command->add_option("--directory", directory, "The server's directory, as init made it")
      ->required();
}

void addTime(CLI::App* command, TimeOptions& time) {
  auto* offset = command->add_option("--time-offset", time.offsetSeconds,
                                     "Sandbox: move the time by so many seconds");
  command
      ->add_option("--clock-file", time.clockFile,
                   "Sandbox: read the offset in seconds from this file at each use")
      ->excludes(offset);
}

void addInit(CLI::App& app, InitOptions& options, Command& chosen) {
  auto* command = app.add_subcommand("init",
                                     "Make an authority: HSM token, keys, certificates,"
                                     " database, configuration");
  addDirectory(command, options.directory);
  command->add_flag("--sandbox", options.sandbox,
                    "With the test merchant, a TLS certificate for localhost, movable time");
  command->add_option("--base-url", options.baseUrl,
                      "Address of OCSP and CRL in certificates; default http://127.0.0.1:PORT");
  command->add_option("--store", options.store,
                      "postgresql://… without a password (docs/database.md); default SQLite in the"
                      " directory");
  command->callback([&] { chosen = [&] { return init(options); }; });
}

void addServe(CLI::App& app, ServeOptions& options, Command& chosen) {
  auto* command = app.add_subcommand("serve", "Answer requests until SIGTERM");
  addDirectory(command, options.directory);
  command->add_option("--port", options.port, "Plain HTTP on 127.0.0.1; 0: any free one")
      ->capture_default_str();
  command->add_option("--tls-port", options.tlsPort, "HTTPS on 127.0.0.1; 0: any free one")
      ->capture_default_str();
  command->add_option("--metrics-port", options.metricsPort,
                      "/metrics for Prometheus on 127.0.0.1, and nothing else there; 0: any free "
                      "one (default: no metrics)");
  command->add_option("--port-file", options.portFile,
                      "Write the plain, the TLS and the metrics port here, a line each, when "
                      "ready");
  command
      ->add_option(
          "--drain", options.drainSeconds,
          "After SIGTERM say \"not ready\" for so many seconds and serve on, so that a load "
          "balancer goes elsewhere; a second SIGTERM ends that")
      ->capture_default_str()
      ->check(CLI::Range(0, 3600));
  command->add_option("--registry", options.overrides.registryUrl,
                      "The immigration database, in place of the configured one");
  command->add_option("--gateway", options.overrides.gatewayUrl,
                      "The payment gateway, in place of the configured one");
  addTime(command, options.time);
  command->callback([&] { chosen = [&] { return serve(options); }; });
}

void addOperators(CLI::App& app, OperatorOptions& options, Command& chosen) {
  auto* group = app.add_subcommand("operator", "Officers and stations, known by certificate");
  group->require_subcommand(1);
  auto* add = group->add_subcommand("add", "Make a key and certificate: NAME.key, NAME.pem");
  add->add_option("name", options.name, "Letters, digits, dots, hyphens, underscores")->required();
  add->add_option("--role", options.role, "officer or station")
      ->required()
      ->check(CLI::IsMember({"officer", "station"}));
  add->add_option("--output", options.output, "Directory for the files")->required();
  addDirectory(add, options.directory);
  add->callback([&] { chosen = [&] { return addOperator(options); }; });
  auto* list = group->add_subcommand("list", "All operators");
  addDirectory(list, options.directory);
  list->add_flag("--json", options.json, "A JSON array");
  list->callback([&] { chosen = [&] { return listOperators(options); }; });
  auto* withdraw = group->add_subcommand("withdraw", "Their certificates open nothing any more");
  withdraw->add_option("name", options.name, "The operator")->required();
  addDirectory(withdraw, options.directory);
  withdraw->callback([&] { chosen = [&] { return withdrawOperator(options); }; });
}

void addRegister(CLI::App& app, RegisterOptions& options, Command& chosen) {
  auto* command = app.add_subcommand("register", "An officer registers an applicant over TLS");
  command->add_option("--server", options.server, "https://127.0.0.1:8443")->required();
  command->add_option("--certificate", options.certificate, "The officer's, PEM")->required();
  command->add_option("--key", options.key, "The officer's, PEM")->required();
  command->add_option("--trust", options.trust, "PEM of the CA that certified the server")
      ->required();
  command->add_option("--permit-number", options.permitNumber, "As on the residence permit")
      ->required();
  command->add_flag("--bearer-confirmed", options.bearerConfirmed,
                    "I have compared the person with the permit");
  command->add_option("--phone", options.phone, "Mobile phone")->required();
  command->add_option("--email", options.email, "E-mail");
  command->add_option("--language", options.language, "en, zh-TW, id, vi, th")
      ->capture_default_str();
  command->add_option("--profile", options.profile, "rsa2048, p256 or p384")->capture_default_str();
  command->add_option("--idempotency-key", options.idempotencyKey,
                      "To repeat an interrupted call: its key, 16 to 64 letters, digits, hyphens");
  command->add_option("--user-code-file", options.userCodeFile,
                      "Write the user code to this new file (mode 0600) and do not show it");
  command->add_flag("--json", options.json, "The server's answer as JSON");
  command->callback([&] { chosen = [&] { return registerApplicant(options); }; });
}

void addVerify(CLI::App& app, VerifyOptions& options, Command& chosen) {
  auto* command =
      app.add_subcommand("verify",
                         "Judge certificates and signed messages (CMS): chain, time, status, class,"
                         " assurance level, key usage. Exit code 0: all good, 1: not");
  addDirectory(command, options.directory);
  command->add_option("files", options.files, "Certificates or CMS SignedData, PEM or DER")
      ->required()
      ->check(CLI::ExistingFile);
  command->add_option("--purpose", options.purpose, "signature, authentication or encryption")
      ->capture_default_str()
      ->check(CLI::IsMember(fncard::server::api::purposeNames()));
  command
      ->add_option("--at", options.at,
                   "Judge for this time, 2026-01-31T12:00:00Z; the status is always today's")
      ->check([](const std::string& time) {
        return fncard::server::parseUtcText(time) ? std::string() : "no time: " + time;
      });
  command->add_option("--content", options.content, "What a detached signature signs")
      ->check(CLI::ExistingFile);
  command->add_flag("--json", options.json, "A JSON array, as docs/api.md has it");
  command->footer(
      "Examples:\n"
      "  fncard-server verify --directory authority an.pem\n"
      "  fncard-server verify --directory authority --content letter.pdf letter.p7s\n"
      "  fncard-server verify --directory authority --purpose encryption --json an-2.pem\n"
      "  fncard-server verify --directory authority --at 2026-01-31T12:00:00Z letter.p7m");
  command->callback([&] { chosen = [&] { return verify(options); }; });
}

void addList(CLI::App& parent, const char* name, const char* description, ListOptions& options,
             Command& chosen, Outcome<void> (*run)(const ListOptions&)) {
  auto* command = parent.add_subcommand(name, description);
  addDirectory(command, options.directory);
  command->add_flag("--json", options.json, "JSON");
  command->callback(
      [&options, &chosen, run] { chosen = [&options, run] { return run(options); }; });
}

void addLists(CLI::App& app, ListOptions& options, Command& chosen) {
  addList(app, "jobs", "The cards to be made", options, chosen, listJobs);
  addList(app, "orders", "The orders and their states", options, chosen, listOrders);
  addList(app, "refunds", "Money that must go back", options, chosen, listRefunds);
  addList(app, "purge", "Delete what was not paid in time; the gateway is asked first", options,
          chosen, purge);
  auto* purging = app.get_subcommand("purge");
  purging->add_option("--gateway", options.overrides.gatewayUrl,
                      "The payment gateway, in place of the configured one");
  addTime(purging, options.time);
  auto* audit = app.add_subcommand("audit", "The record of who did what");
  audit->require_subcommand(1);
  addList(*audit, "verify", "Check that nothing was changed, taken out or put in", options, chosen,
          verifyAudit);
}

}  // namespace

int main(int argumentCount, char** arguments) {
  CLI::App app(
      "The reference registration and issuing authority of the foreign national's"
      " certificate IC card");
  app.set_version_flag("--version", std::string("fncard-server ") + FNCARD_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  fncard-server init --directory authority --sandbox\n"
      "  fncard-server operator add window-1 --role officer --output keys --directory authority\n"
      "  fncard-server serve --directory authority\n"
      "  fncard-server register --server https://127.0.0.1:8443 --certificate keys/window-1.pem "
      "\\\n"
      "      --key keys/window-1.key --trust keys/operators-ca.pem --permit-number A800000014 \\\n"
      "      --bearer-confirmed --phone 0912345678\n"
      "  fncard-server verify --directory authority --content letter.pdf letter.p7s\n"
      "  fncard-server audit verify --directory authority");
  Command chosen;
  InitOptions initOptions;
  ServeOptions serveOptions;
  OperatorOptions operatorOptions;
  RegisterOptions registerOptions;
  VerifyOptions verifyOptions;
  ListOptions listOptions;
  addInit(app, initOptions, chosen);
  addServe(app, serveOptions, chosen);
  addOperators(app, operatorOptions, chosen);
  addRegister(app, registerOptions, chosen);
  addVerify(app, verifyOptions, chosen);
  addLists(app, listOptions, chosen);
  try {
    app.parse(argumentCount, arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kWrongUsage;
  }
  const auto outcome = chosen();
  if (!outcome) {
    std::cerr << "fncard-server: " << outcome.error().sentence << "\n";
    return kRefused;
  }
  return 0;
}

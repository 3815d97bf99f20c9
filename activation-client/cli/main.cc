// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "activation-client/cli/commands.h"
#include "activation-client/configuration.h"

namespace {

using namespace fncard::activation_client;
namespace card = fncard::card;
namespace messages = fncard::messages;

constexpr const char* kFooter =
    R"(Secrets are asked for at the terminal without echo. When standard input is no terminal they are read from it,
one line each: for activate and unblock user code, PIN, PIN again; for change-pin current PIN, new PIN, new PIN again.

Examples:
  fncard status
  fncard activate --server https://portal.example --permit-number A800000014
  fncard change-pin
  fncard unblock --server https://portal.example --permit-number A800000014
  FNCARD_LANGUAGE=id fncard status

Settings: /etc/fncard/fncard.toml, then ~/.config/fncard/fncard.toml:
  server = "https://portal.example"    trust = "ca.pem"    reader = "part of a reader's name"
Languages: en, zh-TW, id, vi, th, from FNCARD_LANGUAGE or the locale.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no reader or no card.)";

struct Options {
  std::string configuration;
  Settings settings;  // of the command line: it wins over the files
  bool json = false;
  StatusOptions status;
  ApplicantOptions applicant;
  ChangePinOptions changePin;
};

void addCommon(CLI::App& command, Options& options) {
  command.add_option("--reader", options.settings.reader, "Part of the reader's name");
  command.add_flag("--json", options.json, "One JSON object on standard output");
  command.add_option("--config", options.configuration, "This settings file and no other");
}

void addServer(CLI::App& command, Options& options) {
  command.add_option("--server", options.settings.server, "The authority's server, https://…");
  command.add_option("--trust", options.settings.trust,
                     "PEM file of the CAs to trust for the server (default: the system's)");
}

void addApplicant(CLI::App& command, Options& options) {
  addCommon(command, options);
  addServer(command, options);
  command.add_option("--permit-number", options.applicant.permitNumber,
                     "Number of the residence permit (default: asked for)");
}

Settings merged(const Settings& commandLine, const Configuration& file) {
  const auto pick = [](const std::string& first, const std::string& second) {
    return first.empty() ? second : first;
  };
  // A trust file belongs to the server that it is named with.
  return {
      .server = pick(commandLine.server, file.server),
      .trust = commandLine.server.empty() ? pick(commandLine.trust, file.trust) : commandLine.trust,
      .reader = pick(commandLine.reader, file.reader)};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Activates and looks after the certificate IC card of foreign residents.", "fncard");
  app.footer(kFooter);
  app.set_version_flag("--version", "fncard " FNCARD_VERSION);
  app.require_subcommand(1);

  CLI::App& status = *app.add_subcommand("status", "Readers, card, certificates, PIN tries");
  addCommon(status, options);
  addServer(status, options);
  status.add_flag("--offline", options.status.offline, "Do not ask the server");

  CLI::App& activate = *app.add_subcommand("activate", "Activate the card and set its PIN");
  addApplicant(activate, options);

  CLI::App& unblock =
      *app.add_subcommand("unblock", "Set a new PIN when it was forgotten or is blocked");
  addApplicant(unblock, options);

  CLI::App& changePin = *app.add_subcommand("change-pin", "Change the PIN of the card");
  addCommon(changePin, options);
  changePin.add_flag("--use-last-try", options.changePin.useLastTry,
                     "Go on although one try is left; a wrong PIN then blocks the card");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? Done : WrongUsage;
  }

  const Output output(messages::ofEnvironment(), options.json);
  const auto configuration = readConfiguration(
      options.configuration.empty() ? configurationFiles()
                                    : std::vector<std::string>{options.configuration});
  if (!configuration) {
    return output.fail(WrongUsage, "client.configuration",
                       {{"detail", configuration.error().detail}});
  }
  const Settings settings = merged(options.settings, *configuration);
  const auto readers = card::makePcscService();
  if (status.parsed()) {
    return runStatus(*readers, settings, options.status, output);
  }
  if (activate.parsed()) {
    return runActivate(*readers, settings, options.applicant, output);
  }
  if (unblock.parsed()) {
    return runUnblock(*readers, settings, options.applicant, output);
  }
  return runChangePin(*readers, settings, options.changePin, output);
}

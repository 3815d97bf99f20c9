// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "server/issuance/personalisation/station.h"

namespace {

using namespace fncard::server::personalisation;
namespace card = fncard::card;
namespace messages = fncard::messages;
namespace net = fncard::net;
using nlohmann::json;

enum ExitCode : int { Done = 0, Refused = 1, WrongUsage = 2, NothingToWorkOn = 3 };

constexpr const char* kFooter =
    R"(A job that was interrupted goes on with the same command and the same card; --work-dir remembers it.
A card that cannot be finished is marked with "spoil": its certificates are revoked and the order gets another card.

Examples:
  fncard-perso run --server https://office.example --certificate station.pem --key station.key --trust ca.pem --once
  fncard-perso mail --job J1 --mail-number 12345678901234567890 --server … --certificate … --key … --trust …
  fncard-perso spoil --job J1 --reason "chip damaged" --server … --certificate … --key … --trust …

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no job, no reader or no card.)";

struct Options {
  std::string server, certificate, key, trust, workDirectory, reader, job, mailNumber, reason;
  bool asJson = false;
  bool once = false;
};

class Terminal final : public Progress {
 public:
  explicit Terminal(bool asJson) : language_(messages::ofEnvironment()), asJson_(asJson) {}

  [[nodiscard]] messages::Language language() const { return language_; }

  void step(std::string_view code, const messages::Parameters& parameters) override {
    if (!asJson_) {
      std::cout << messages::text(language_, code, parameters) << std::endl;
    }
  }

  // One object a card, one card a line.
  void result(std::string_view code, const messages::Parameters& parameters, const json& object) {
    if (asJson_) {
      std::cout << object.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
    } else {
      std::cout << messages::text(language_, code, parameters) << std::endl;
    }
  }

  int fail(const Error& error) {
    std::string sentence = error.sentence;
    if (sentence.empty()) {
      sentence = messages::has(messages::Language::English, error.code)
                     ? messages::text(language_, error.code, error.parameters)
                     : messages::text(language_, "perso.server-error", {{"code", error.code}});
    }
    if (asJson_) {
      const json object = {{"error", {{"code", error.code}, {"message", sentence}}}};
      std::cout << object.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
    } else {
      std::cerr << sentence << std::endl;
    }
    const bool nothing = error.code == "perso.no-job" ||
                         error.code == card::messageCode(card::ErrorCode::NoService) ||
                         error.code == card::messageCode(card::ErrorCode::NoReader) ||
                         error.code == card::messageCode(card::ErrorCode::NoCard);
    return nothing ? NothingToWorkOn : Refused;
  }

 private:
  messages::Language language_;
  bool asJson_;
};

void tellMailed(const std::string& jobId, const std::string& number, Terminal& terminal) {
  terminal.result("perso.mailed", {{"jobId", jobId}, {"mailNumber", number}},
                  {{"jobId", jobId}, {"state", "mailed"}, {"mailNumber", number}});
}

int mail(Station& station, const Options& options, Terminal& terminal) {
  if (const auto mailed = station.mail(options.job, options.mailNumber); !mailed) {
    return terminal.fail(mailed.error());
  }
  tellMailed(options.job, options.mailNumber, terminal);
  return Done;
}

int run(Station& station, const Options& options, Terminal& terminal) {
  for (int made = 0;; ++made) {
    const auto job = station.makeCard(options.mailNumber);
    if (!job) {
      // the day's work is done when there was some
      return job.error().code == "perso.no-job" && made > 0 ? Done : terminal.fail(job.error());
    }
    terminal.result("perso.checked", {{"jobId", job->jobId}, {"cardNumber", job->cardNumber}},
                    {{"jobId", job->jobId}, {"cardNumber", job->cardNumber}, {"state", "checked"}});
    if (!options.mailNumber.empty()) {
      tellMailed(job->jobId, options.mailNumber, terminal);
    }
    if (options.once) {
      return Done;
    }
    if (const auto next = station.waitForNextCard(); !next) {
      return terminal.fail(next.error());
    }
  }
}

int spoil(Station& station, const Options& options, Terminal& terminal) {
  const auto replacement = station.spoil(options.job, options.reason);
  if (!replacement) {
    return terminal.fail(replacement.error());
  }
  terminal.result(
      "perso.spoiled", {{"jobId", options.job}, {"replacement", *replacement}},
      {{"jobId", options.job}, {"state", "spoiled"}, {"replacementJobId", *replacement}});
  return Done;
}

void addCommon(CLI::App& command, Options& options) {
  command.add_option("--server", options.server, "The office's server, https://…")->required();
  command.add_option("--certificate", options.certificate, "The station's certificate, PEM")
      ->required();
  command.add_option("--key", options.key, "Its private key, PEM")->required();
  command.add_option("--trust", options.trust, "PEM file of the CAs to trust for the server")
      ->required();
  command.add_option("--work-dir", options.workDirectory,
                     "Remembers the job under way (default: ~/.local/state/fncard-perso)");
  command.add_flag("--json", options.asJson, "JSON objects on standard output, one a line");
}

std::string defaultWorkDirectory() {
  // NOLINTBEGIN(concurrency-mt-unsafe): nobody here sets the environment
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state != '\0') {
    return std::string(state) + "/fncard-perso";
  }
  const char* home = std::getenv("HOME");
  // NOLINTEND(concurrency-mt-unsafe)
  return std::string(home == nullptr ? "." : home) + "/.local/state/fncard-perso";
}

std::string checkedJob(const std::string& job) {
  return isJobId(job) ? "" : "not a job";
}
std::string checkedMailNumber(const std::string& number) {
  return isMailNumber(number) ? "" : "a registered-mail number has 20 digits";
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Personalisation station: makes holders' cards of blank ones.", "fncard-perso");
  app.footer(kFooter);
  app.set_version_flag("--version", "fncard-perso " FNCARD_VERSION);
  app.require_subcommand(1);

  CLI::App& runCommand = *app.add_subcommand("run", "Make cards, one a job, until there is no job");
  addCommon(runCommand, options);
  runCommand.add_option("--reader", options.reader, "Part of the reader's name");
  CLI::Option* const once = runCommand.add_flag("--once", options.once, "One card only");
  runCommand
      .add_option("--mail-number", options.mailNumber, "Its registered-mail number, with --once")
      ->check(checkedMailNumber)
      ->needs(once);

  CLI::App& mailCommand = *app.add_subcommand("mail", "Record that a checked card was mailed");
  addCommon(mailCommand, options);
  mailCommand.add_option("--job", options.job, "The job")->required()->check(checkedJob);
  mailCommand.add_option("--mail-number", options.mailNumber, "Registered-mail number, 20 digits")
      ->required()
      ->check(checkedMailNumber);

  CLI::App& spoilCommand = *app.add_subcommand("spoil", "Give the order another card");
  addCommon(spoilCommand, options);
  spoilCommand.add_option("--job", options.job, "The job")->required()->check(checkedJob);
  spoilCommand.add_option("--reason", options.reason, "For the audit")->required();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? Done : WrongUsage;
  }

  Terminal terminal(options.asJson);
  auto directory = WorkDirectory::open(options.workDirectory.empty() ? defaultWorkDirectory()
                                                                     : options.workDirectory);
  if (!directory) {
    return terminal.fail(directory.error());
  }
  ProductionClient client(options.server,
                          {.timeout = std::chrono::seconds(30),
                           .trustFile = options.trust,
                           .certificateChainFile = options.certificate,
                           .privateKeyFile = options.key},
                          terminal.language());
  const auto readers = card::makePcscService();
  Station station(*readers, options.reader, client, *directory, terminal);
  if (mailCommand.parsed()) {
    return mail(station, options, terminal);
  }
  return spoilCommand.parsed() ? spoil(station, options, terminal)
                               : run(station, options, terminal);
}

// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "hw-sim/personalise.h"
#include "hw-sim/simulator.h"
#include "hw-sim/wait_for_card.h"

namespace {

using namespace fncard::hw_sim;

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;
constexpr int kNothingThere = 3;
constexpr std::size_t kMaxTextFile = 1U << 20U;

constexpr const char* kExamples =
    "Examples:\n"
    "  fncard-sim create card.json                         a blank card, as bought\n"
    "  fncard-sim create card.json --state activated --algorithm p256 --certificates out\n"
    "  fncard-sim run card.json --control sim.sock --apdu-log apdu.log\n"
    "  fncard-sim run card.json --timing realistic         as slow as a real card\n"
    "  fncard-sim control sim.sock fault after 3 remove    the third answer from now is lost\n"
    "  fncard-sim control sim.sock fault at verify 1 status 6F00\n"
    "  fncard-sim show card.json --json\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no reader or card.";

constexpr const char* kFaultLanguage =
    "Faults: WHEN [INSTRUCTION] N WHAT, for the Nth next command (of that instruction: verify,\n"
    "general-authenticate, get-data, select, ..., or 0x20).\n"
    "  before|after N  remove, reset, power-cut, swap FILE, swap-silently FILE, unplug\n"
    "  during N        remove, reset or power-cut, then write K: as the card stores the Kth time\n"
    "  at N            status 6F00, answer HEX, truncate BYTES, oversize [BYTES], nonsense,\n"
    "                  endless, delay MILLISECONDS, mute\n"
    "hw-sim/README.md says what each does.";

int failed(const std::string& sentence) {
  std::cerr << "fncard-sim: " << sentence << "\n";
  return kFailed;
}

bool writeFile(const std::filesystem::path& path, const std::string& text, mode_t mode) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  return file.valid() &&
         ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

struct CreateOptions {
  std::string file;
  std::string stage = "blank";
  std::string algorithm = "rsa2048";
  std::string extended = "yes";
  std::string compress = "no";
  std::string certificates;
  PersonalisationOptions personalisation;
  bool force = false;
};

KeyAlgorithm algorithmNamed(const std::string& name) {
  static const std::map<std::string, KeyAlgorithm> kNames = {{"rsa2048", KeyAlgorithm::Rsa2048},
                                                             {"rsa3072", KeyAlgorithm::Rsa3072},
                                                             {"rsa4096", KeyAlgorithm::Rsa4096},
                                                             {"p256", KeyAlgorithm::P256},
                                                             {"p384", KeyAlgorithm::P384}};
  return kNames.at(name);
}

/// root.pem, issuing.pem, the card's certificates, key-history.der when the card names it, and
/// card.json: what a test may want to know.
bool writeCertificates(const std::filesystem::path& folder, const PersonalisedCard& card,
                       CardStage stage) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  const nlohmann::json facts = {
      {"cardNumber", card.cardNumber},
      {"pin", stage == CardStage::Activated ? kHolderPin : kTransportPin},
      {"puk", kPuk},
      {"managementAlgorithm", static_cast<unsigned>(card.state.management.cipher)},
      {"managementKey", fncard::wire::toHex(card.state.management.key)}};
  return writeFile(folder / "root.pem", card.rootPem, 0644) &&
         writeFile(folder / "issuing.pem", card.issuingPem, 0644) &&
         writeFile(folder / "signature.pem", card.signaturePem, 0644) &&
         writeFile(folder / "key-management.pem", card.keyManagementPem, 0644) &&
         writeFile(folder / "card-authentication.pem", card.cardAuthenticationPem, 0644) &&
         (card.keyHistoryFile.empty() ||
          writeFile(folder / "key-history.der",
                    {card.keyHistoryFile.begin(), card.keyHistoryFile.end()}, 0644)) &&
         writeFile(folder / "card.json", facts.dump(1) + "\n", 0600);
}

int create(CreateOptions options) {
  if (!options.force && std::filesystem::exists(options.file)) {
    return failed("there is a card in " + options.file + " already; --force replaces it.");
  }
  const bool extended = options.extended == "yes";
  StateFile file(options.file);
  if (options.stage == "blank") {
    return file.save(blankCard(extended))
               ? kDone
               : failed("the file " + options.file + " cannot be written.");
  }
  PersonalisationOptions& wanted = options.personalisation;
  wanted.stage = options.stage == "activated" ? CardStage::Activated : CardStage::Personalised;
  wanted.algorithm = algorithmNamed(options.algorithm);
  wanted.extendedLength = extended;
  wanted.compressCertificates = options.compress == "yes";
  const auto card = personalise(wanted);
  if (!card) {
    return failed(card.error() + ".");
  }
  if (!options.certificates.empty() &&
      !writeCertificates(options.certificates, *card, wanted.stage)) {
    return failed("the folder " + options.certificates + " cannot be written.");
  }
  return file.save(card->state) ? kDone
                                : failed("the file " + options.file + " cannot be written.");
}

/// What run was given, in words.
struct RunOptions {
  SimulatorOptions simulator;
  std::string timing = "none";
  std::string faults;
};

std::optional<std::string> readFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxTextFile + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return file.is_open() && !file.bad() && text.size() <= kMaxTextFile ? std::optional(text)
                                                                      : std::nullopt;
}

tl::expected<SimulatorOptions, std::string> understood(const RunOptions& given) {
  SimulatorOptions options = given.simulator;
  if (given.timing == "realistic") {
    options.timing = realisticTiming();
  } else if (given.timing != "none") {
    const auto text = readFile(given.timing);
    auto model = text ? timingFromToml(*text)
                      : tl::expected<TimingModel, std::string>(
                            tl::unexpect, "it cannot be read, or is larger than 1 MiB");
    if (!model) {
      return tl::unexpected("--timing " + given.timing + ": " + model.error());
    }
    options.timing = *model;
  }
  if (!given.faults.empty()) {
    const auto text = readFile(given.faults);
    auto faults = text ? faultsFromText(*text)
                       : tl::expected<std::vector<Fault>, std::string>(
                             tl::unexpect, "it cannot be read, or is larger than 1 MiB");
    if (!faults) {
      return tl::unexpected("--faults " + given.faults + ": " + faults.error());
    }
    options.faults = std::move(*faults);
  }
  return options;
}

int run(const RunOptions& given) {
  const auto options = understood(given);
  if (!options) {
    std::cerr << "fncard-sim: " << options.error() << ".\n";
    return kWrongUsage;
  }
  sigset_t stopping;
  sigemptyset(&stopping);
  sigaddset(&stopping, SIGTERM);
  sigaddset(&stopping, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &stopping, nullptr);
  const Descriptor stop(::signalfd(-1, &stopping, SFD_CLOEXEC));
  Simulator simulator(*options);
  if (const auto started = simulator.start(); !started) {
    return failed(started.error() + ".");
  }
  simulator.run(stop.get());
  return kDone;
}

int show(const std::string& path, bool asJson) {
  if (!std::filesystem::exists(path)) {
    std::cerr << "fncard-sim: there is no card in " << path << ".\n";
    return kNothingThere;
  }
  const auto state = StateFile(path).load();
  if (!state) {
    return failed("the card file " + path + " cannot be used: " + state.error() + ".");
  }
  std::cout << (asJson ? describeAsJson(*state) : describe(*state));
  return kDone;
}

int control(const std::string& socket, const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    line += (line.empty() ? "" : " ") + word;
  }
  const auto answer = sendControl(socket, line);
  if (!answer) {
    std::cerr << "fncard-sim: " << answer.error() << ".\n";
    return kNothingThere;
  }
  std::cout << *answer << "\n";
  return answer->starts_with("ok") ? kDone : kFailed;
}

struct WaitOptions {
  std::string reader;
  WaitFor wanted = WaitFor::Present;
  unsigned seconds = 10;
};

int wait(const WaitOptions& options) {
  switch (waitForCard(options.reader, options.wanted, std::chrono::seconds(options.seconds))) {
    case WaitResult::Seen:
      return kDone;
    case WaitResult::NoService:
      std::cerr << "fncard-sim: the smart-card service does not answer; is pcscd running?\n";
      return kNothingThere;
    case WaitResult::NotSeen:
      break;
  }
  std::cerr << (options.wanted == WaitFor::Present
                    ? "fncard-sim: no card was seen in the time given.\n"
                    : "fncard-sim: what was waited for was not seen in the time given.\n");
  return kNothingThere;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The simulated PIV card and its reader.");
  app.footer(kExamples);
  app.set_version_flag("--version", "fncard-sim " FNCARD_VERSION);
  app.require_subcommand(1);
  int result = kDone;

  CreateOptions creating;
  CLI::App* createCommand = app.add_subcommand("create", "Make a card in a file");
  createCommand->add_option("FILE", creating.file)->required();
  createCommand->add_option("--state", creating.stage, "blank, personalised or activated")
      ->check(CLI::IsMember({"blank", "personalised", "activated"}))
      ->capture_default_str();
  createCommand->add_option("--algorithm", creating.algorithm, "of the card's three keys")
      ->check(CLI::IsMember({"rsa2048", "rsa3072", "rsa4096", "p256", "p384"}))
      ->capture_default_str();
  createCommand->add_option("--extended", creating.extended, "extended length: yes or no")
      ->check(CLI::IsMember({"yes", "no"}))
      ->capture_default_str();
  createCommand
      ->add_option("--compress-certificates", creating.compress, "gzip on the card: yes or no")
      ->check(CLI::IsMember({"yes", "no"}))
      ->capture_default_str();
  createCommand->add_option("--retired-keys", creating.personalisation.retiredKeys,
                            "old encryption keys, with their certificates on the card");
  createCommand->add_option("--retired-keys-off-card", creating.personalisation.retiredKeysOffCard,
                            "old encryption keys, with their certificates in key-history.der");
  createCommand->add_option(
      "--certificates", creating.certificates,
      "folder for the test authority's and the card's certificates (not of a blank card)");
  createCommand->add_option("--name", creating.personalisation.name, "the holder's name");
  createCommand->add_option("--card-number", creating.personalisation.cardNumber,
                            "two letters and 14 digits");
  createCommand->add_option("--base-url", creating.personalisation.baseUrl,
                            "of the status service named in the certificates");
  createCommand->add_flag("--force", creating.force, "replace a card that is there");
  createCommand->callback([&] { result = create(creating); });

  RunOptions running;
  SimulatorOptions& simulator = running.simulator;
  CLI::App* runCommand = app.add_subcommand("run", "Put the card into vpcd's reader");
  runCommand->add_option("FILE", simulator.cardFile, "without it the reader begins empty");
  runCommand->add_option("--port", simulator.port, "of vpcd")->capture_default_str();
  runCommand->add_option("--host", simulator.host, "IPv4 address")
      ->check(CLI::ValidIPV4)
      ->capture_default_str();
  runCommand->add_option("--control", simulator.controlSocket, "path of the control socket");
  runCommand->add_option("--apdu-log", simulator.apduLog, "file; one line an exchange, no secrets");
  runCommand
      ->add_option("--timing", running.timing,
                   "none, realistic (as slow as a real card), or a file of such a model")
      ->capture_default_str();
  runCommand->add_option("--faults", running.faults, "file; one fault a line");
  runCommand->add_option("--reader-mark", simulator.readerMark,
                         "file that fncard-sim-reader.so takes for an unplugged reader");
  runCommand->footer(kFaultLanguage);
  runCommand->callback([&] { result = run(running); });

  std::string shown;
  bool asJson = false;
  CLI::App* showCommand = app.add_subcommand("show", "Show a card, without its secrets");
  showCommand->add_option("FILE", shown)->required();
  showCommand->add_flag("--json", asJson);
  showCommand->callback([&] { result = show(shown, asJson); });

  std::string socket;
  std::vector<std::string> words;
  CLI::App* controlCommand =
      app.add_subcommand("control",
                         "Tell a running simulator: insert [FILE], insert-unknown, insert-mute, "
                         "remove, reset, swap FILE, swap-silently FILE, unplug, plug, status, "
                         "fault LINE, faults, faults clear");
  controlCommand->footer(kFaultLanguage);
  controlCommand->add_option("SOCKET", socket)->required();
  controlCommand->add_option("COMMAND", words)->required();
  controlCommand->callback([&] { result = control(socket, words); });

  WaitOptions waiting;
  CLI::App* waitCommand =
      app.add_subcommand("wait", "Wait until the smart-card service sees a card");
  waitCommand->add_option("--reader", waiting.reader, "its name; any when not given");
  const auto waitFor = [&](WaitFor wanted) {
    return [&waiting, wanted](std::int64_t) { waiting.wanted = wanted; };
  };
  waitCommand->add_flag("--absent", waitFor(WaitFor::Absent),
                        "until a reader is seen with no card in it");
  waitCommand->add_flag("--mute", waitFor(WaitFor::Mute),
                        "until a card is seen that does not answer");
  waitCommand->add_flag("--no-reader", waitFor(WaitFor::NoReader),
                        "until there is no such reader, or it is unavailable");
  waitCommand->add_option("--timeout", waiting.seconds, "seconds")
      ->check(CLI::Range(1, 600))
      ->capture_default_str();
  waitCommand->callback([&] { result = wait(waiting); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kWrongUsage;
  }
  return result;
}

// SPDX-License-Identifier: Apache-2.0
#include "activation-client/cli/command_line.h"
#include "activation-client/configuration.h"

namespace {

using namespace fncard::activation_client;
namespace card = fncard::card;
namespace messages = fncard::messages;

Settings merged(const Settings& commandLine, const Configuration& file) {
  const auto pick = [](const std::string& first, const std::string& second) {
    return first.empty() ? second : first;
  };
  // A trust file belongs to the server that it is named with.
  return {
      .server = pick(commandLine.server, file.server),
      .trust = commandLine.server.empty() ? pick(commandLine.trust, file.trust) : commandLine.trust,
      .reader = pick(commandLine.reader, file.reader),
      .authorities = pick(commandLine.authorities, file.authorities)};
}

}  // namespace

int main(int argc, char** argv) {
  CommandLine line;
  CLI::App app("Activates and looks after the certificate IC card of foreign residents.", "fncard");
  addCommands(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? Done : WrongUsage;
  }
  const Output output(messages::ofEnvironment(), line.json);
  const auto configuration =
      readConfiguration(line.configuration.empty() ? configurationFiles()
                                                   : std::vector<std::string>{line.configuration});
  if (!configuration) {
    return output.fail(WrongUsage, "client.configuration",
                       {{"detail", configuration.error().detail}});
  }
  return line.command(*card::makePcscService(), merged(line.settings, *configuration), output);
}

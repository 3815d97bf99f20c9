// SPDX-License-Identifier: Apache-2.0
#include "activation-client/cli/command_line.h"
#include "activation-client/configuration.h"

namespace {

using namespace fncard::activation_client;
namespace card = fncard::card;
namespace messages = fncard::messages;

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

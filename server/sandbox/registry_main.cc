// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>

#include "server/sandbox/program.h"
#include "server/sandbox/registry.h"

namespace {

using namespace fncard::server::sandbox;

constexpr const char* kName = "fncard-sandbox-registry";
constexpr const char* kExamples =
    "Examples:\n"
    "  fncard-sandbox-registry --port 8090\n"
    "  fncard-sandbox-registry --port-file registry.port --table permits.json\n"
    "  curl http://127.0.0.1:8090/permits/A800000014\n"
    "  curl -X PUT http://127.0.0.1:8090/permits/D900000037 \\\n"
    "    -d '{\"state\": \"valid\", \"name\": \"A B\", \"birthDate\": \"1990-01-31\"}'\n"
    "Exit codes: 0 stopped, 1 failed, 2 wrong usage.";

int run(RegistryOptions options, const std::string& tableFile, const std::string& portFile) {
  if (!tableFile.empty()) {
    auto table = readTextFile(tableFile);
    if (!table || table->empty()) {
      std::cerr << kName << ": the file " << tableFile << " cannot be read.\n";
      return 1;
    }
    options.table = std::move(*table);
  }
  return runUntilStopped(kName, portFile, [&] { return startRegistry(options); });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The stand-in for the Immigration Agency's database, for tests and the demo.");
  app.footer(kExamples);
  app.set_version_flag("--version", std::string(kName) + " " FNCARD_VERSION);
  RegistryOptions options;
  std::string tableFile;
  std::string portFile;
  app.add_option("--port", options.port, "on 127.0.0.1; 0 takes any free one")
      ->capture_default_str();
  app.add_option("--port-file", portFile, "file to write the port to");
  app.add_option("--table", tableFile, "JSON file of permits, in place of the built-in ones");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return run(options, tableFile, portFile);
}

// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <chrono>
#include <fstream>

#include "server/sandbox/gateway.h"
#include "server/sandbox/program.h"

namespace {

using namespace fncard::server::sandbox;

constexpr const char* kName = "fncard-sandbox-gateway";
constexpr const char* kExamples =
    "Examples:\n"
    "  fncard-sandbox-gateway --port 8091\n"
    "  fncard-sandbox-gateway --port-file gateway.port --trust-file portal-ca.pem\n"
    "  curl http://127.0.0.1:8091/sandbox/trades\n"
    "  curl -H 'Accept: application/json' -d merchantTradeNo=FN1 -d mode=twice \\\n"
    "    http://127.0.0.1:8091/sandbox/pay\n"
    "Give it test keys only: a command line is no place for real ones.\n"
    "Exit codes: 0 stopped, 1 failed, 2 wrong usage.";

/// The PC's time moved by the whole seconds in a file, as fncard-server --clock-file does it: both
/// must agree, because the gateway refuses a query whose time stamp is off.
std::chrono::system_clock::time_point movedTime(const std::string& file) {
  long long offset = 0;
  std::ifstream(file) >> offset;
  return std::chrono::system_clock::now() + std::chrono::seconds(offset);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The stand-in for the ECPay payment gateway, for tests and the demo.");
  app.footer(kExamples);
  app.set_version_flag("--version", std::string(kName) + " " FNCARD_VERSION);
  GatewayOptions options;
  std::string portFile;
  app.add_option("--port", options.port, "on 127.0.0.1; 0 takes any free one")
      ->capture_default_str();
  app.add_option("--port-file", portFile, "file to write the port to");
  app.add_option("--merchant-id", options.merchantId)->capture_default_str();
  app.add_option("--hash-key", options.hashKey, "of a test merchant; ECPay's when not given");
  app.add_option("--hash-iv", options.hashIv, "of a test merchant; ECPay's when not given");
  app.add_option("--trust-file", options.trustFile,
                 "PEM of the CAs behind https notification addresses; the system's when not given")
      ->check(CLI::ExistingFile);
  std::string clockFile;
  app.add_option("--clock-file", clockFile, "move the time by the seconds in this file");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (!clockFile.empty()) {
    options.now = [clockFile] { return movedTime(clockFile); };
  }
  return runUntilStopped(kName, portFile, [&] { return startGateway(options); });
}

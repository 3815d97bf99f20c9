// SPDX-License-Identifier: Apache-2.0
#include <sys/prctl.h>

#include <CLI/CLI.hpp>
#include <QApplication>
#include <QtGlobal>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "agent-link/listener.h"
#include "agent-link/socket_path.h"
#include "agent/core/pin_desk.h"
#include "agent/core/request_desk.h"
#include "agent/dialogs/pin_dialog.h"
#include "agent/ending_signals.h"
#include "agent/local/local_door.h"
#include "card/reader.h"
#include "messages/messages.h"

namespace {

using namespace fncard;
using namespace std::chrono_literals;

enum ExitCode { Done = 0, Failed = 1, WrongUsage = 2 };

constexpr auto kWindowLimit = 5min;
constexpr auto kReadLimit = 5s;

constexpr const char* kFooter =
    R"(The agent runs in the person's session, in the foreground, and shows nothing until a program or a website asks. SIGTERM ends it.

Examples:
  fncard-agent
  FNCARD_LANGUAGE=vi fncard-agent
  FNCARD_AGENT_SOCKET=/run/user/1000/test/agent.sock fncard-agent

Programs find it at $XDG_RUNTIME_DIR/fncard/agent.sock, or where FNCARD_AGENT_SOCKET says, in a folder that is this user's
alone. Languages: en, zh-TW, id, vi, th, from FNCARD_LANGUAGE or the locale.

Exit codes: 0 ended by a signal, 1 could not start (one runs already, no screen, no place for the socket), 2 wrong usage.)";

void say(std::string_view code, const messages::Parameters& parameters = {}) {
  (void)std::fprintf(stderr, "fncard-agent: %s\n",
                     messages::text(messages::ofEnvironment(), code, parameters).c_str());
}

std::string_view messageCode(agent_link::ListenError::Kind kind) {
  using Kind = agent_link::ListenError::Kind;
  switch (kind) {
    case Kind::AlreadyRunning:
      return "agent.already-running";
    case Kind::BadFolder:
      return "agent.bad-folder";
    case Kind::Failed:
      break;
  }
  return "agent.cannot-listen";
}

// Qt aborts the program when there is no screen: say so in a sentence and leave no core.
void onQtMessage(QtMsgType type, const QMessageLogContext& /*context*/, const QString& text) {
  (void)std::fprintf(stderr, "fncard-agent: %s\n", qUtf8Printable(text));
  if (type == QtFatalMsg) {
    say("agent.no-screen");
    std::_Exit(Failed);
  }
}

int run(int& argc, char** argv) {
  // Other processes of this user can neither trace this one nor read its memory, and it leaves no
  // core: PINs pass through it.
  prctl(PR_SET_DUMPABLE, 0);
  agent::EndingSignals endingSignals;
  const std::string path = agent_link::socketPath();
  if (path.empty()) {
    say("agent.no-place");
    return Failed;
  }
  auto listener = agent_link::Listener::open(path);
  if (!listener) {
    say(messageCode(listener.error().kind), {{"detail", listener.error().detail}});
    return Failed;
  }
  qInstallMessageHandler(onQtMessage);
  QApplication application(argc, argv);
  QApplication::setApplicationName("fncard-agent");
  QApplication::setQuitOnLastWindowClosed(false);
  agent::PinDesk desk(agent::pinDialogs(messages::ofEnvironment()), kWindowLimit);
  const auto readers = card::makePcscService();
  agent::RequestDesk requests(*readers, desk);
  const agent::LocalDoor door(std::move(*listener), {.pins = desk, .requests = requests},
                              kReadLimit);
  // not quit(), which first closes the windows: that would answer for the person
  endingSignals.watch([] { QApplication::exit(Done); });
  return QApplication::exec();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Asks the card's holder for consent and PIN, in a window of its own.",
               "fncard-agent");
  app.footer(kFooter);
  app.set_version_flag("--version", "fncard-agent " FNCARD_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? Done : WrongUsage;
  }
  return run(argc, argv);
}

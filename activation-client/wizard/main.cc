// SPDX-License-Identifier: Apache-2.0
#include <sys/prctl.h>

#include <CLI/CLI.hpp>
#include <QApplication>
#include <cstdio>
#include <optional>

#include "activation-client/wizard/window.h"
#include "widgets/text.h"

namespace {

using namespace fncard;
using namespace fncard::activation_client;

enum ExitCode { Failed = 1, WrongUsage = 2 };

constexpr const char* kFooter =
    R"(Opens a window that goes with you from the envelope to the first signature: reader and card, permit number and user code,
your own PIN. It also changes a PIN, sets a new one when it was forgotten, and tries the card. Whatever interrupts it, start it again: it goes on.

Examples:
  fncard-activate
  fncard-activate --server https://portal.example
  fncard-activate --language vi

Settings: /etc/fncard/fncard.toml, then ~/.config/fncard/fncard.toml, as of fncard.
Languages: en, zh-TW, id, vi, th, by --language, FNCARD_LANGUAGE or the locale, and in the window.

Exit codes: 0 what was done last ended well, 1 it did not, 2 wrong usage, 3 there was no card.)";

// Qt aborts the program when there is no screen: say so in a sentence and leave no core.
void onQtMessage(QtMsgType type, const QMessageLogContext& /*context*/, const QString& text) {
  (void)std::fprintf(stderr, "fncard-activate: %s\n", qUtf8Printable(text));
  if (type == QtFatalMsg) {
    (void)std::fprintf(stderr, "fncard-activate: %s\n",
                       messages::text(messages::ofEnvironment(), "wizard.no-screen").c_str());
    std::_Exit(Failed);
  }
}

int run(int& argc, char** argv, const Settings& settings, messages::Language language) {
  prctl(PR_SET_DUMPABLE, 0);  // PINs are typed here: no other process of this user reads its memory
  qInstallMessageHandler(onQtMessage);
  QApplication application(argc, argv);
  QApplication::setApplicationName("fncard-activate");
  const auto readers = card::makePcscService();
  std::optional<messages::Language> next = language;
  QByteArray place;
  int exitCode = Failed;
  while (next) {  // a window a language: all that is said in it was made for that one
    wizard::Window window(*readers, settings, *next);
    window.restoreGeometry(place);
    window.QWidget::show();
    window.activateWindow();  // the person types at once, whatever was in front
    QApplication::exec();
    next = window.wantedLanguage();
    place = window.saveGeometry();
    exitCode = window.exitCode();
  }
  return exitCode;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  std::string file;
  std::string language;
  CLI::App app("Activates the certificate IC card of foreign residents, in a window.",
               "fncard-activate");
  app.footer(kFooter);
  app.set_version_flag("--version", "fncard-activate " FNCARD_VERSION);
  app.add_option("--server", settings.server, "The authority's server, https://…");
  app.add_option("--trust", settings.trust,
                 "PEM file of the CAs to trust for the server (default: the system's)");
  app.add_option("--reader", settings.reader, "Part of the reader's name");
  app.add_option("--config", file, "This settings file and no other");
  app.add_option("--language", language, "en, zh-TW, id, vi or th")
      ->check(CLI::IsMember({"en", "zh-TW", "id", "vi", "th"}));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : WrongUsage;
  }
  const auto chosen = messages::parseLanguage(language).value_or(messages::ofEnvironment());
  const auto configuration =
      readConfiguration(file.empty() ? configurationFiles() : std::vector<std::string>{file});
  if (!configuration) {
    (void)std::fprintf(
        stderr, "fncard-activate: %s\n",
        messages::text(chosen, "client.configuration", {{"detail", configuration.error().detail}})
            .c_str());
    return WrongUsage;
  }
  return run(argc, argv, merged(settings, *configuration), chosen);
}

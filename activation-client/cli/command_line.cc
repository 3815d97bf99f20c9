// SPDX-License-Identifier: Apache-2.0
#include "activation-client/cli/command_line.h"

namespace fncard::activation_client {
namespace {

constexpr const char* kFooter =
    R"(Secrets are asked for at the terminal without echo. When standard input is no terminal they are read from it,
one line each: for activate and unblock user code, PIN, PIN again; for change-pin current PIN, new PIN, new PIN again; for sign the PIN.

Examples:
  fncard status
  fncard doctor --server https://portal.example
  fncard register
  fncard activate --server https://portal.example --permit-number A800000014
  fncard change-pin
  fncard unblock --server https://portal.example --permit-number A800000014
  fncard certificates --export .
  fncard sign letter.pdf
  fncard verify letter.pdf --authorities authority.pem
  fncard encrypt letter.pdf --to encryption.pem --authorities authority.pem
  FNCARD_LANGUAGE=id fncard status

Settings: /etc/fncard/fncard.toml, then ~/.config/fncard/fncard.toml:
  server = "https://portal.example"    trust = "ca.pem"    reader = "part of a reader's name"
  authorities = "ca"                   a file or folder of CA certificates: whose signatures are relied on
Languages: en, zh-TW, id, vi, th, from FNCARD_LANGUAGE or the locale.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no reader or no card.)";

/// What the options of the subcommands are read into; one of them is chosen.
struct Options {
  StatusOptions status;
  ApplicantOptions applicant;
  ChangePinOptions changePin;
  CertificatesOptions certificates;
  SignOptions sign;
  VerifyOptions verify;
  EncryptOptions encrypt;
  RegistrationOptions registration;
};

/// One subcommand with the options that several have.
class Subcommand {
 public:
  Subcommand(CLI::App& app, CommandLine& line, const char* name, const char* description)
      : command_(*app.add_subcommand(name, description)), line_(line) {
    command_.add_flag("--json", line_.json, "One JSON object on standard output");
    command_.add_option("--config", line_.configuration, "This settings file and no other");
  }

  Subcommand& reader() {
    command_.add_option("--reader", line_.settings.reader, "Part of the reader's name");
    return *this;
  }
  Subcommand& server() {
    command_.add_option("--server", line_.settings.server, "The authority's server, https://…");
    return trust();
  }
  Subcommand& trust() {
    command_.add_option("--trust", line_.settings.trust,
                        "PEM file of the CAs to trust for the server (default: the system's)");
    return *this;
  }
  Subcommand& authorities() {
    command_.add_option("--authorities", line_.settings.authorities,
                        "File or folder with certificates of the CAs to rely on");
    return *this;
  }
  Subcommand& permitNumber(std::string& into) {
    command_.add_option("--permit-number", into,
                        "Number of the residence permit (default: asked for)");
    return *this;
  }
  Subcommand& flag(const char* name, bool& into, const char* description) {
    command_.add_flag(name, into, description);
    return *this;
  }
  template <typename T>
  Subcommand& option(const char* name, T& into, const char* description) {
    command_.add_option(name, into, description);
    return *this;
  }
  /// An option, or the rest of the line, that must be there.
  template <typename T>
  Subcommand& required(const char* name, T& into, const char* description) {
    command_.add_option(name, into, description)->required();
    return *this;
  }
  void runs(Command run) {
    command_.callback([this_line = &line_, run = std::move(run)] { this_line->command = run; });
  }

 private:
  CLI::App& command_;
  CommandLine& line_;
};

constexpr const char* kForce = "Replace files that are there";
constexpr const char* kUseLastTry =
    "Go on although one try is left; a wrong PIN then blocks the card";

void addCard(CLI::App& app, CommandLine& line, const std::shared_ptr<Options>& options) {
  Subcommand(app, line, "status", "Readers, card, certificates, PIN tries")
      .reader()
      .server()
      .flag("--offline", options->status.offline, "Do not ask the server")
      .runs([options](auto& readers, const auto& settings, const auto& output) {
        return runStatus(readers, settings, options->status, output);
      });
  Subcommand(app, line, "doctor", "Look for what is missing or wrong, and say what to do")
      .reader()
      .server()
      .runs([](auto& readers, const auto& settings, const auto& output) {
        return runDoctor(readers, settings, output);
      });
  Subcommand(app, line, "activate", "Activate the card and set its PIN")
      .reader()
      .server()
      .permitNumber(options->applicant.permitNumber)
      .runs([options](auto& readers, const auto& settings, const auto& output) {
        return runActivate(readers, settings, options->applicant, output);
      });
  Subcommand(app, line, "unblock", "Set a new PIN when it was forgotten or is blocked")
      .reader()
      .server()
      .permitNumber(options->applicant.permitNumber)
      .runs([options](auto& readers, const auto& settings, const auto& output) {
        return runUnblock(readers, settings, options->applicant, output);
      });
  Subcommand(app, line, "change-pin", "Change the PIN of the card")
      .reader()
      .flag("--use-last-try", options->changePin.useLastTry, kUseLastTry)
      .runs([options](auto& readers, const auto& settings, const auto& output) {
        return runChangePin(readers, settings, options->changePin, output);
      });
  Subcommand(app, line, "certificates", "The holder's certificates on the card")
      .reader()
      .option("--export", options->certificates.folder,
              "Write them into this folder, as signature.pem and encryption.pem")
      .flag("--force", options->certificates.force, kForce)
      .runs([options](auto& readers, const auto& settings, const auto& output) {
        return runCertificates(readers, settings, options->certificates, output);
      });
}

void addDocuments(CLI::App& app, CommandLine& line, const std::shared_ptr<Options>& options) {
  Subcommand(app, line, "sign", "Sign files with the card; each signature goes beside its file")
      .reader()
      .required("file", options->sign.files, "What is signed")
      .option("--output", options->sign.output, "The signature (default: the file's name and .p7s)")
      .flag("--force", options->sign.force, kForce)
      .flag("--use-last-try", options->sign.useLastTry, kUseLastTry)
      .runs([options](auto& readers, const auto& settings, const auto& output) {
        return runSign(readers, settings, options->sign, output);
      });
  Subcommand(app, line, "verify", "Who signed a file, and whether to rely on it")
      .authorities()
      .trust()
      .required("file", options->verify.file, "What was signed, or the signature beside it")
      .option("--signature", options->verify.signature,
              "The signature (default: the file's name and .p7s, or inside the file)")
      .flag("--offline", options->verify.offline, "Do not ask whether a certificate still holds")
      .runs([options](auto& /*readers*/, const auto& settings, const auto& output) {
        return runVerify(settings, options->verify, output);
      });
  Subcommand(app, line, "encrypt", "Encrypt a file for holders of certificates")
      .authorities()
      .trust()
      .required("file", options->encrypt.file, "What is encrypted")
      .required("--to", options->encrypt.recipients,
                "Encryption certificate of who may read it; may be given again")
      .option("--output", options->encrypt.output, "The result (default: the file's name and .p7m)")
      .flag("--force", options->encrypt.force, kForce)
      .flag("--offline", options->encrypt.offline, "Do not ask whether a certificate still holds")
      .flag("--unchecked", options->encrypt.unchecked,
            "Use the certificates whoever issued them; their use and time are still checked")
      .runs([options](auto& /*readers*/, const auto& settings, const auto& output) {
        return runEncrypt(settings, options->encrypt, output);
      });
}

void addBrowsers(CLI::App& app, CommandLine& line, const std::shared_ptr<Options>& options) {
  options->registration.module = installedModule();
  constexpr const char* kModule = "The module's file (default: the installed one)";
  Subcommand(app, line, "register", "Make your browsers load the card's PKCS#11 module")
      .option("--module", options->registration.module, kModule)
      .runs([options](auto& /*readers*/, const auto& /*settings*/, const auto& output) {
        return runRegister(options->registration, output);
      });
  Subcommand(app, line, "unregister", "Take the module out of your browsers again")
      .runs([options](auto& /*readers*/, const auto& /*settings*/, const auto& output) {
        return runUnregister(options->registration, output);
      });
}

}  // namespace

void addCommands(CLI::App& app, CommandLine& line) {
  app.footer(kFooter);
  app.set_version_flag("--version", "fncard " FNCARD_VERSION);
  app.require_subcommand(1);
  const auto options = std::make_shared<Options>();
  addCard(app, line, options);
  addDocuments(app, line, options);
  addBrowsers(app, line, options);
}

}  // namespace fncard::activation_client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "activation-client/cli/output.h"
#include "activation-client/settings.h"
#include "card/reader.h"

namespace fncard::activation_client {

/// Of the commands that ask the issuer.
struct ApplicantOptions {
  std::string permitNumber;  ///< empty: asked at the terminal
};

struct ChangePinOptions {
  bool useLastTry = false;  ///< the person knows that it is the last
};

struct StatusOptions {
  bool offline = false;  ///< the server is not asked
};

struct CertificatesOptions {
  std::string folder;  ///< where they are written; empty: they are only shown
  bool force = false;  ///< a file that is there is replaced
};

struct SignOptions {
  std::vector<std::string> files;
  std::string output;  ///< empty: the name with .p7s
  bool force = false;
  bool useLastTry = false;
};

struct VerifyOptions {
  std::string file;
  std::string signature;  ///< empty: the name with .p7s, or in the file itself
  bool offline = false;   ///< the responder is not asked
};

struct EncryptOptions {
  std::string file;
  std::vector<std::string> recipients;  ///< certificate files
  std::string output;                   ///< empty: the name with .p7m
  bool force = false;
  bool offline = false;
  bool unchecked = false;  ///< whoever the certificates may be from
};

/// One subcommand each; they return the exit code.
int runStatus(card::ReaderService& readers, const Settings& settings, const StatusOptions& options,
              const Output& output);
int runActivate(card::ReaderService& readers, const Settings& settings,
                const ApplicantOptions& options, const Output& output);
int runUnblock(card::ReaderService& readers, const Settings& settings,
               const ApplicantOptions& options, const Output& output);
/// What is well on this PC for the card, and what to do where it is not.
int runDoctor(card::ReaderService& readers, const Settings& settings, const Output& output);
int runCertificates(card::ReaderService& readers, const Settings& settings,
                    const CertificatesOptions& options, const Output& output);
int runSign(card::ReaderService& readers, const Settings& settings, const SignOptions& options,
            const Output& output);
int runVerify(const Settings& settings, const VerifyOptions& options, const Output& output);
int runEncrypt(const Settings& settings, const EncryptOptions& options, const Output& output);
int runChangePin(card::ReaderService& readers, const Settings& settings,
                 const ChangePinOptions& options, const Output& output);

}  // namespace fncard::activation_client

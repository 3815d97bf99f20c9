// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "agent/operations/request.h"
#include "card/pin.h"

namespace fncard::agent::operations {

enum class Purpose { Authentication, CertificateSharing, Signature };

/// What the person is asked for a site.
struct Question {
  Purpose purpose = Purpose::Authentication;
  std::string origin;
  /// The code of a sentence that says what stands in the way: the person may mend it and go on, or
  /// cancel. No PIN is asked for then, and the rest is empty.
  std::string problem;
  std::string holder;  ///< name in the certificate
  std::string cardNumber;
  std::string document;               ///< the site's name for what is signed; or empty
  std::string fingerprint;            ///< of what is signed, hexadecimal; or empty
  std::optional<unsigned> triesLeft;  ///< where it is known; 1 wants a confirmation of its own
  bool wrongPinBefore = false;

  /// Whether going on needs the PIN: a certificate is shown without.
  [[nodiscard]] bool wantsPin() const {
    return problem.empty() && purpose != Purpose::CertificateSharing;
  }
};

/// The person goes on; with the PIN where the question wants it.
struct Consent {
  std::optional<card::Pin> pin;
};

/// The person in front of the PC.
class Person {
 public:
  virtual ~Person() = default;
  /// Waits for the answer. Cancelled at once when stop is requested.
  virtual Result<Consent> ask(const Question& question, const std::stop_token& stop) = 0;
};

}  // namespace fncard::agent::operations

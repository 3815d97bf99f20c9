// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "hw-sim/crypto.h"

struct x509_st;

namespace fncard::hw_sim {

enum class CertificateUse { Signature, KeyManagement, CardAuthentication };

/// A certificate and its two encodings.
struct MintedCertificate {
  Bytes der;
  std::string pem;
};

/// A throwaway root and issuing authority in memory, for one card.
class TestAuthority {
 public:
  static std::optional<TestAuthority> create(KeyAlgorithm algorithm, std::string baseUrl);

  /// A holder's certificate, five years, by docs/certificate-profile.md.
  [[nodiscard]] std::optional<MintedCertificate> issue(CertificateUse use, const PrivateKey& key,
                                                       const std::string& commonName,
                                                       const std::string& subjectSerial) const;

  [[nodiscard]] std::string rootPem() const;
  [[nodiscard]] std::string issuingPem() const;

 private:
  TestAuthority(PrivateKey issuingKey, std::shared_ptr<x509_st> root,
                std::shared_ptr<x509_st> issuing, std::string baseUrl)
      : issuingKey_(std::move(issuingKey)),
        root_(std::move(root)),
        issuing_(std::move(issuing)),
        baseUrl_(std::move(baseUrl)) {}

  PrivateKey issuingKey_;
  std::shared_ptr<x509_st> root_;
  std::shared_ptr<x509_st> issuing_;
  std::string baseUrl_;
};

}  // namespace fncard::hw_sim

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace fncard::net {

/// A CA and what it certifies, as PEM files in a directory of its own that goes with the object.
class TestCertificates {
 public:
  TestCertificates();
  ~TestCertificates();
  TestCertificates(const TestCertificates&) = delete;
  TestCertificates& operator=(const TestCertificates&) = delete;

  struct Files {
    std::string certificate;
    std::string key;
  };
  /// alternativeName as OpenSSL writes it: "DNS:localhost,IP:127.0.0.1"; empty for none.
  Files issue(const std::string& name, const std::string& alternativeName);
  [[nodiscard]] std::string caFile() const { return ca_.certificate; }

 private:
  std::filesystem::path directory_;
  Files ca_;
};

}  // namespace fncard::net

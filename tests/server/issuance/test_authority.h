// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "server/issuance/authority.h"
#include "tests/server/hsm/test_token.h"
#include "trust/openssl.h"

/// An authority on a token of its own, with EC keys because they are made quickly, and programs
/// that are not ours to look at what it makes.
namespace fncard::server::issuance::testing {

inline constexpr const char* kBaseUrl = "http://127.0.0.1:8080";

/// 2026-01-31T12:00:00Z
inline constexpr Time kNow =
    std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) + std::chrono::hours(12);

struct Output {
  int exitCode = -1;
  std::string text;  ///< standard output and error
};

/// Runs a shell command of a test; arguments are paths that the test made.
inline Output run(const std::string& command) {
  Output output;
  FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) {
    return output;
  }
  std::array<char, 4096> buffer{};
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.text.append(buffer.data(), size);
  }
  const int status = ::pclose(pipe);
  output.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return output;
}

inline bool installed(const std::string& program) {
  return run("command -v " + program).exitCode == 0;
}

inline Bytes publicKeyOf(EVP_PKEY* key) {
  return trust::openssl::encoded<i2d_PUBKEY>(key);
}

inline trust::openssl::KeyPointer rsaKey(unsigned bits = 2048) {
  return trust::openssl::KeyPointer(EVP_RSA_gen(bits));
}
inline trust::openssl::KeyPointer ecKey(const char* curve = "P-256") {
  return trust::openssl::KeyPointer(EVP_EC_gen(curve));
}

class TestAuthority {
 public:
  explicit TestAuthority(Time now = kNow,
                         const AuthorityKeys& keys = {hsm::KeyType::EcP384, hsm::KeyType::EcP256})
      : hsm_(token_.open()) {
    auto made = createAuthority(*hsm_, now, keys);
    if (!made) {
      ADD_FAILURE() << made.error().code << ": " << made.error().detail;
      return;
    }
    certificates_ = *made;
    authority_ = std::make_unique<Authority>(*hsm_, certificates_);
  }
  Authority& operator*() { return *authority_; }
  Authority* operator->() { return authority_.get(); }
  [[nodiscard]] hsm::Hsm& hsm() { return *hsm_; }
  [[nodiscard]] const AuthorityCertificates& certificates() const { return certificates_; }

  /// Writes DER as PEM into the private directory; gives its path.
  [[nodiscard]] std::string pem(const std::string& name, const Bytes& der) const {
    std::string path = write(name, der);
    const Output converted = run("openssl x509 -inform DER -in " + path + " -out " + path + ".pem");
    EXPECT_EQ(converted.exitCode, 0) << converted.text;
    return path + ".pem";
  }
  [[nodiscard]] std::string write(const std::string& name, const Bytes& bytes) const {
    std::string path = token_.directory() / name;
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    return path;
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return token_.directory() / name;
  }

 private:
  hsm::testing::TestToken token_;
  std::unique_ptr<hsm::Hsm> hsm_;
  AuthorityCertificates certificates_;
  std::unique_ptr<Authority> authority_;
};

inline CertificateOrder orderFor(EVP_PKEY* key, CertificateUse use = CertificateUse::Signature) {
  CertificateOrder order;
  order.use = use;
  order.publicKey = publicKeyOf(key);
  order.commonName =
      use == CertificateUse::CardAuthentication ? "AB12345678901234" : "NGUYỄN VĂN AN 阮文安";
  order.subjectSerial = "1234567890123456";
  order.permitLastFour = "5678";
  order.email = "an@example.org";
  order.baseUrl = kBaseUrl;
  order.crlShard = 7;
  order.notBefore = kNow;
  return order;
}

/// -attime for openssl verify, an hour after kNow.
inline std::string atTime(Time time = kNow + std::chrono::hours(1)) {
  return std::to_string(std::chrono::system_clock::to_time_t(time));
}

}  // namespace fncard::server::issuance::testing

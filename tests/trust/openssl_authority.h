// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "trust/certificate.h"

/// A hierarchy made by the openssl program, not by our own authority: what trust/ reads here was
/// written by others.
namespace fncard::trust::testing {

/// The directory attributes of the profile, as DER text: natural person, "5678".
inline constexpr const char* kAttributes =
    "subjectDirectoryAttributes=DER:302A3015060760867601640201310A060860867601640301013011060760"
    "867601640233310613043536"
    "3738\n";
inline constexpr const char* kPolicy = "certificatePolicies=2.16.886.101.0.3.3\n";

class OpenSslAuthority {
 public:
  OpenSslAuthority() {
    std::string name = (std::filesystem::temp_directory_path() / "fncard-trust-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    makeKeyPair("root");
    run("openssl req -x509 -new -key root.key -subj '/C=TW/O=Test/CN=Root' -days 7000 -out "
        "root.pem -addext 'basicConstraints=critical,CA:TRUE' -addext "
        "'keyUsage=critical,keyCertSign,cRLSign'");
    issue("issuing", "root", "/C=TW/O=Test/CN=Issuing",
          std::string("basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,"
                      "keyCertSign,cRLSign\n") +
              kPolicy,
          "-days 3650");
  }
  ~OpenSslAuthority() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  OpenSslAuthority(const OpenSslAuthority&) = delete;
  OpenSslAuthority& operator=(const OpenSslAuthority&) = delete;

  /// Runs a command in the private directory; fails the test when it fails.
  void run(const std::string& command) const {
    FILE* const pipe =
        ::popen(("cd '" + directory_.string() + "' && " + command + " 2>&1").c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    std::string text;
    std::array<char, 4096> buffer{};
    while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
      text.append(buffer.data(), size);
    }
    EXPECT_EQ(::pclose(pipe), 0) << command << "\n" << text;
  }

  void makeKeyPair(const std::string& name,
                   const std::string& algorithm = "EC -pkeyopt ec_paramgen_curve:P-256") const {
    run("openssl genpkey -algorithm " + algorithm + " -out " + name + ".key");
  }

  /// NAME.pem for NAME.key (made when missing) by ISSUER; gives the DER.
  Bytes issue(const std::string& name, const std::string& issuer, const std::string& subject,
              const std::string& extensions, const std::string& options = "-days 1825") const {
    if (!std::filesystem::exists(directory_ / (name + ".key"))) {
      makeKeyPair(name);
    }
    std::ofstream(directory_ / (name + ".ext")) << extensions;
    run("openssl req -new -utf8 -key " + name + ".key -subj '" + subject + "' -out " + name +
        ".csr");
    run("openssl x509 -req -in " + name + ".csr -CA " + issuer + ".pem -CAkey " + issuer +
        ".key -sha256 -extfile " + name + ".ext " + options + " -out " + name + ".pem");
    return der(name);
  }
  /// A signing certificate of the profile.
  Bytes issueHolder(const std::string& name, const std::string& more = kAttributes,
                    const std::string& usage = "digitalSignature,nonRepudiation") const {
    return issue(name, "issuing", "/C=TW/CN=NGUYỄN VĂN AN/serialNumber=1234567890123456",
                 "keyUsage=critical," + usage + "\n" + kPolicy + more);
  }

  [[nodiscard]] Bytes der(const std::string& name) const {
    run("openssl x509 -in " + name + ".pem -outform DER -out " + name + ".der");
    return read(name + ".der");
  }
  [[nodiscard]] Bytes read(const std::string& name) const {
    std::ifstream file(directory_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  void write(const std::string& name, const Bytes& bytes) const {
    std::ofstream(directory_ / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }

 private:
  std::filesystem::path directory_;
};

inline Time now() {
  return std::chrono::system_clock::now();
}

}  // namespace fncard::trust::testing

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "tests/trust/pkits_cases.h"
#include "trust/signed_message.h"

/// Paths of the PKITS, each taken from the S/MIME message that comes with it, so that the messages
/// are read and checked on the way.
namespace fncard::trust {
namespace {

using ::testing::IsEmpty;
using testing::kInNoMessage;
using testing::kOutOfScope;
using testing::kPathCases;
using testing::OutOfScope;
using testing::PathCase;

/// Of Debian's python3-cryptography-vectors.
const std::filesystem::path kPackage =
    "/usr/lib/python3/dist-packages/cryptography_vectors/x509/PKITS_data";
constexpr std::string_view kTestPolicies = "2.16.840.1.101.3.2.1.48.";
/// In the middle of the certificates' validity, 2010 to 2030.
const Time kAt = std::chrono::sys_days(std::chrono::year(2015) / 1 / 1);

std::string textOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
Bytes bytesOf(const std::string& text) {
  return {text.begin(), text.end()};
}

std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t from = text.find(begin) + begin.size();
  return text.substr(from, text.find(end, from) - from);
}

/// multipart/signed (RFC 8551 §3.5.3): the content up to the line end before the boundary, then the
/// signature in base64.
Result<SignedMessage> readMail(const std::string& name) {
  const std::string mail = textOf(kPackage / "smime" / ("Signed" + name + ".eml"));
  const std::string boundary = "\n--" + between(mail, "boundary=\"", "\"");
  const std::string content = between(mail, boundary + "\n", boundary);
  const std::string part = between(mail, content + boundary + "\n", boundary);
  const std::string signature = part.substr(part.find("\n\n") + 2);
  const std::string pem = "-----BEGIN CMS-----\n" + signature + "-----END CMS-----\n";
  return SignedMessage::read(bytesOf(pem), bytesOf(content));
}

class Pkits : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kPackage)) {
      GTEST_SKIP() << "the package python3-cryptography-vectors is not installed";
    }
    root_ = bytesOf(textOf(kPackage / "certs" / "TrustAnchorRootCertificate.crt"));
  }
  [[nodiscard]] Result<void> chainOf(const SignedMessage& message) const {
    return verifyChain(*message.signers.front().certificate, message.certificates, {root_}, kAt);
  }
  /// "12": the path asserts the test policies 1 and 2.
  [[nodiscard]] std::string policiesOf(const SignedMessage& message) const {
    std::string policies;
    for (const char policy : std::string_view("123456")) {
      const std::string identifier = std::string(kTestPolicies) + policy;
      if (verifyPolicy(*message.signers.front().certificate, message.certificates, {root_}, kAt,
                       identifier.c_str())) {
        policies += policy;
      }
    }
    return policies;
  }
  Bytes root_;
};

TEST_F(Pkits, EveryPathInScopeIsJudgedAsTheDocumentSays) {
  for (const PathCase& wanted : kPathCases) {
    SCOPED_TRACE(std::string(wanted.section) + " " + wanted.name);
    const auto message = readMail(wanted.name);
    ASSERT_TRUE(message) << message.error().detail;
    ASSERT_EQ(message->signers.size(), 1U);
    ASSERT_TRUE(message->signers.front().certificate)
        << message->signers.front().signature.error().detail;
    const auto chain = chainOf(*message);
    EXPECT_EQ(chain.has_value(), !wanted.chain) << (chain ? "valid" : chain.error().detail);
    if (!chain && wanted.chain) {
      EXPECT_EQ(messageCode(chain.error().code), messageCode(*wanted.chain))
          << chain.error().detail;
    }
    if (wanted.policies != nullptr) {
      EXPECT_EQ(policiesOf(*message), wanted.policies);
    }
  }
}

/// The signature over the message is right in every case: what may be wrong is the path.
TEST_F(Pkits, EveryMessageIsReadAndItsSignatureIsRight) {
  for (const PathCase& path : kPathCases) {
    const auto message = readMail(path.name);
    ASSERT_TRUE(message) << path.name << ": " << message.error().detail;
    const auto& signature = message->signers.front().signature;
    EXPECT_TRUE(signature) << path.name << ": " << (signature ? "" : signature.error().detail);
  }
  for (const OutOfScope& other : kOutOfScope) {
    const auto message = readMail(other.name);
    ASSERT_TRUE(message) << other.name << ": " << message.error().detail;
    const auto& signature = message->signers.front().signature;
    EXPECT_EQ(signature.has_value(), other.why != testing::kDsa) << other.name;
  }
}

TEST_F(Pkits, NoCaseAndNoCertificateIsLeftOutInSilence) {
  std::set<std::string> messages;
  for (const auto& entry : std::filesystem::directory_iterator(kPackage / "smime")) {
    messages.insert(entry.path().stem().string());
  }
  std::map<Bytes, std::string> certificates;
  for (const auto& entry : std::filesystem::directory_iterator(kPackage / "certs")) {
    certificates[bytesOf(textOf(entry.path()))] = entry.path().stem().string();
  }
  ASSERT_EQ(certificates.size(), 405U);
  std::vector<std::string> names;
  for (const PathCase& path : kPathCases) {
    names.emplace_back(path.name);
  }
  for (const OutOfScope& other : kOutOfScope) {
    names.emplace_back(other.name);
  }
  for (const std::string& name : names) {
    EXPECT_EQ(messages.erase("Signed" + name), 1U) << name << " is no case, or is named twice";
    const auto message = readMail(name);
    ASSERT_TRUE(message) << name;
    for (const Bytes& certificate : message->certificates) {
      certificates.erase(certificate);
    }
  }
  EXPECT_THAT(messages, IsEmpty());
  std::set<std::string> unused;
  for (const auto& [der, name] : certificates) {
    unused.insert(name);
  }
  for (const OutOfScope& known : kInNoMessage) {
    EXPECT_EQ(unused.erase(known.name), 1U) << known.name;
  }
  EXPECT_THAT(unused, IsEmpty());
}

}  // namespace
}  // namespace fncard::trust

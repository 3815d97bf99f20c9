// SPDX-License-Identifier: Apache-2.0
#include "trust/certificate.h"

#include <gmock/gmock.h>

#include "tests/trust/openssl_authority.h"

namespace fncard::trust {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::OpenSslAuthority;

class ReadCertificate : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    authority = new OpenSslAuthority;
    der = authority->issueHolder(
        "holder", std::string(testing::kAttributes) +
                      "subjectAltName=email:an@example.org\n"
                      "authorityInfoAccess=OCSP;URI:http://a/ocsp,caIssuers;URI:http://a/ca.cer\n"
                      "crlDistributionPoints=URI:http://a/crl/7.crl\n");
  }
  static void TearDownTestSuite() { delete authority; }

  static inline OpenSslAuthority* authority = nullptr;
  static inline Bytes der;
};

TEST_F(ReadCertificate, GivesWhatAnotherProgramWrote) {
  const auto certificate = Certificate::read(der);
  ASSERT_TRUE(certificate) << certificate.error().detail;
  EXPECT_EQ(certificate->commonName, "NGUYỄN VĂN AN");
  EXPECT_EQ(certificate->subject, "serialNumber=1234567890123456,CN=NGUYỄN VĂN AN,C=TW");
  EXPECT_EQ(certificate->issuer, "CN=Issuing,O=Test,C=TW");
  EXPECT_EQ(certificate->subjectSerial, "1234567890123456");
  EXPECT_EQ(certificate->subjectType, kNaturalPerson);
  EXPECT_EQ(certificate->permitLastFour, "5678");
  EXPECT_EQ(certificate->email, "an@example.org");
  EXPECT_THAT(certificate->policies, ElementsAre(kAssuranceLevel3Policy));
  EXPECT_THAT(certificate->ocspUrls, ElementsAre("http://a/ocsp"));
  EXPECT_THAT(certificate->issuerUrls, ElementsAre("http://a/ca.cer"));
  EXPECT_THAT(certificate->crlUrls, ElementsAre("http://a/crl/7.crl"));
  EXPECT_EQ(certificate->keyAlgorithm, "P-256");
  EXPECT_TRUE(certificate->keyUsage.digitalSignature);
  EXPECT_TRUE(certificate->keyUsage.nonRepudiation);
  EXPECT_FALSE(certificate->keyUsage.keyEncipherment);
  EXPECT_EQ(certificate->notAfter - certificate->notBefore, std::chrono::days(1825));
  EXPECT_EQ(certificate->der, der);
}

TEST_F(ReadCertificate, TakesOnePemBlockAndNoMore) {
  const Bytes pem = authority->read("holder.pem");
  const auto certificate = Certificate::read(pem);
  ASSERT_TRUE(certificate) << certificate.error().detail;
  EXPECT_EQ(certificate->der, der);
  Bytes twice = pem;
  twice.insert(twice.end(), pem.begin(), pem.end());
  EXPECT_FALSE(Certificate::read(twice));
  EXPECT_FALSE(Certificate::read(Bytes(pem.begin(), pem.end() - 40)));
}

TEST_F(ReadCertificate, RefusesEveryCutAndEveryAddition) {
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_FALSE(Certificate::read(Bytes(der.begin(), der.begin() + static_cast<long>(size))))
        << size;
  }
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_FALSE(Certificate::read(longer));
  EXPECT_FALSE(Certificate::read(Bytes(16385, 0x30)));
}

TEST_F(ReadCertificate, SurvivesEveryChangedByte) {
  for (std::size_t at = 0; at < der.size(); ++at) {
    for (const unsigned flip : {0x01U, 0x20U, 0x80U, 0xFFU}) {
      Bytes changed = der;
      changed[at] = static_cast<unsigned char>(changed[at] ^ flip);
      (void)Certificate::read(changed);
    }
  }
}

TEST_F(ReadCertificate, TakesNothingForGrantedThatIsNotThere) {
  const Bytes plain = authority->issue("plain", "issuing", "/CN=Plain", "");
  const auto certificate = Certificate::read(plain);
  ASSERT_TRUE(certificate) << certificate.error().detail;
  EXPECT_FALSE(certificate->keyUsage.digitalSignature);
  EXPECT_FALSE(certificate->keyUsage.keyAgreement);
  EXPECT_THAT(certificate->policies, IsEmpty());
  EXPECT_EQ(certificate->subjectType, "");
}

TEST_F(ReadCertificate, RefusesBrokenDirectoryAttributes) {
  for (const char* const attributes : {"DER:0500", "DER:30020500", "DER:3016300106076086760164"}) {
    const Bytes bytes = authority->issueHolder(
        "broken", "subjectDirectoryAttributes=" + std::string(attributes) + "\n");
    EXPECT_FALSE(Certificate::read(bytes)) << attributes;
  }
}

TEST_F(ReadCertificate, NamesTheKeysAlgorithm) {
  authority->makeKeyPair("rsa", "RSA -pkeyopt rsa_keygen_bits:2048");
  authority->makeKeyPair("p384", "EC -pkeyopt ec_paramgen_curve:P-384");
  EXPECT_EQ(Certificate::read(authority->issueHolder("rsa"))->keyAlgorithm, "RSA-2048");
  EXPECT_EQ(Certificate::read(authority->issueHolder("p384"))->keyAlgorithm, "P-384");
}

}  // namespace
}  // namespace fncard::trust

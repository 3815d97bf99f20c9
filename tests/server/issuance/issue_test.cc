// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "tests/server/issuance/test_authority.h"
#include "trust/relying_party.h"

namespace fncard::server::issuance {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class Issue : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { authority = new TestAuthority; }
  static void TearDownTestSuite() { delete authority; }

  static IssuedCertificate issued(const CertificateOrder& order) {
    auto certificate = (*authority)->issue(order);
    EXPECT_TRUE(certificate) << certificate.error().code << ": " << certificate.error().detail;
    return certificate ? *certificate : IssuedCertificate{};
  }
  static std::string refusal(const CertificateOrder& order) {
    const auto certificate = (*authority)->issue(order);
    return certificate ? "issued" : certificate.error().code;
  }
  static std::string textOf(const Bytes& der) {
    return run("openssl x509 -noout -text -nameopt RFC2253,-esc_msb,utf8 -in " +
               authority->pem("shown", der))
        .text;
  }
  static Output verify(const Bytes& der, const std::string& options) {
    return run("openssl verify -x509_strict -CAfile " +
               authority->pem("root", authority->certificates().root) + " -untrusted " +
               authority->pem("issuing", authority->certificates().issuing) + " " + options + " " +
               authority->pem("leaf", der));
  }

  static inline TestAuthority* authority = nullptr;
};

constexpr CertificateUse kUses[] = {CertificateUse::Signature, CertificateUse::KeyManagement,
                                    CertificateUse::CardAuthentication};

TEST_F(Issue, EveryUseAndKeyVerifiesInOpenSslUnderThePolicy) {
  const auto rsa = rsaKey();
  const auto p256 = ecKey();
  const auto p384 = ecKey("P-384");
  for (EVP_PKEY* const key : {rsa.get(), p256.get(), p384.get()}) {
    for (const CertificateUse use : kUses) {
      const Output result =
          verify(issued(orderFor(key, use)).der,
                 "-attime " + atTime() + " -policy 2.16.886.101.0.3.3 -explicit_policy");
      EXPECT_EQ(result.exitCode, 0) << result.text;
    }
  }
}

TEST_F(Issue, RelyingPartiesReadWhatTheProfilePromises) {
  const auto key = rsaKey();
  const auto leaf = issued(orderFor(key.get()));
  const auto certificate = trust::Certificate::read(leaf.der);
  ASSERT_TRUE(certificate) << certificate.error().detail;
  EXPECT_EQ(certificate->serial, leaf.serial);
  EXPECT_EQ(certificate->permitLastFour, "5678");
  EXPECT_EQ(certificate->crlUrls, std::vector{crlUrl(kBaseUrl, 7)});
  EXPECT_EQ(certificate->ocspUrls, std::vector{ocspUrl(kBaseUrl)});
  EXPECT_EQ(certificate->publicKey, publicKeyOf(key.get()));
  trust::Question question{.purpose = trust::Purpose::Signature,
                           .intermediates = {authority->certificates().issuing},
                           .roots = {authority->certificates().root},
                           .at = kNow + std::chrono::hours(1),
                           .status = trust::CertificateStatus::Good};
  EXPECT_TRUE(trust::check(*certificate, question).good());
  const auto encryption =
      trust::Certificate::read(issued(orderFor(key.get(), CertificateUse::KeyManagement)).der);
  question.purpose = trust::Purpose::Encryption;
  EXPECT_TRUE(trust::check(*encryption, question).good());
  // the card's own certificate is nobody's signature
  const auto card =
      trust::Certificate::read(issued(orderFor(key.get(), CertificateUse::CardAuthentication)).der);
  question.purpose = trust::Purpose::Signature;
  EXPECT_FALSE(trust::check(*card, question).subjectClass.good);
  EXPECT_FALSE(trust::check(*card, question).keyUsage.good);
}

TEST_F(Issue, JavaAndNodeReadIt) {
  const auto key = ecKey();
  const std::string leaf = authority->pem("java", issued(orderFor(key.get())).der);
  if (!installed("keytool") && !installed("node")) {
    GTEST_SKIP() << "neither Java nor Node is installed";
  }
  if (installed("keytool")) {
    const Output java = run("keytool -printcert -file " + leaf);
    EXPECT_EQ(java.exitCode, 0) << java.text;
    EXPECT_THAT(java.text, HasSubstr("SERIALNUMBER=1234567890123456"));
  }
  if (installed("node")) {
    const Output node =
        run("node -e \"console.log(new (require('crypto').X509Certificate)(require('fs')."
            "readFileSync('" +
            leaf + "')).subject)\"");
    EXPECT_EQ(node.exitCode, 0) << node.text;
    EXPECT_THAT(node.text, HasSubstr("serialNumber=1234567890123456"));
  }
}

TEST_F(Issue, TheSigningCertificateHasTheProfilesExtensions) {
  const auto key = rsaKey();
  const std::string text = textOf(issued(orderFor(key.get())).der);
  EXPECT_THAT(
      text, AllOf(HasSubstr("Subject: serialNumber=1234567890123456,CN=NGUYỄN VĂN AN 阮文安,C=TW"),
                  HasSubstr("X509v3 Key Usage: critical\n                Digital Signature, Non "
                            "Repudiation\n"),
                  HasSubstr("Policy: 2.16.886.101.0.3.3"), HasSubstr("email:an@example.org"),
                  HasSubstr("OCSP - URI:http://127.0.0.1:8080/ocsp\n"),
                  HasSubstr("CA Issuers - URI:http://127.0.0.1:8080/ca/issuing.cer\n"),
                  HasSubstr("URI:http://127.0.0.1:8080/crl/7.crl\n"),
                  HasSubstr("X509v3 Subject Directory Attributes"),
                  HasSubstr("Not After : Jan 31 12:00:00 2031 GMT")));
  EXPECT_THAT(text, Not(HasSubstr("Basic Constraints")));
}

TEST_F(Issue, TheDirectoryAttributesAreThoseOfTheProfileByteForByte) {
  const auto key = ecKey();
  const std::string leaf = authority->pem("attributes", issued(orderFor(key.get())).der);
  const Output parsed =
      run("openssl asn1parse -in " + leaf + " | grep -A1 'X509v3 Subject Directory Attributes'");
  // SEQUENCE { SEQUENCE { 2.16.886.1.100.2.1, SET { 2.16.886.1.100.3.1.1 } },
  //            SEQUENCE { 2.16.886.1.100.2.51, SET { PrintableString "5678" } } }
  EXPECT_THAT(parsed.text, HasSubstr("302A"
                                     "3015060760867601640201310A06086086760164030101"
                                     "3011060760867601640233310613043536"
                                     "3738"));
}

TEST_F(Issue, TheEncryptionCertificateSaysHowItsKeyIsUsed) {
  const auto rsa = rsaKey();
  const auto ec = ecKey();
  EXPECT_THAT(textOf(issued(orderFor(rsa.get(), CertificateUse::KeyManagement)).der),
              HasSubstr("critical\n                Key Encipherment, Data Encipherment\n"));
  EXPECT_THAT(textOf(issued(orderFor(ec.get(), CertificateUse::KeyManagement)).der),
              HasSubstr("critical\n                Key Agreement\n"));
}

TEST_F(Issue, TheCardsOwnCertificateNamesTheCardAndNotThePerson) {
  const auto key = rsaKey();
  const std::string text =
      textOf(issued(orderFor(key.get(), CertificateUse::CardAuthentication)).der);
  EXPECT_THAT(text, HasSubstr("Subject: CN=AB12345678901234,C=TW\n"));
  EXPECT_THAT(text, Not(HasSubstr("Directory Attributes")));
  EXPECT_THAT(text, Not(HasSubstr("email:")));
}

TEST_F(Issue, WithoutAnEmailThereIsNoAlternativeName) {
  const auto key = ecKey();
  auto order = orderFor(key.get());
  order.email.clear();
  EXPECT_THAT(textOf(issued(order).der), Not(HasSubstr("Alternative Name")));
}

TEST_F(Issue, SerialsAreRandomAndTheOneInTheCertificate) {
  const auto key = ecKey();
  std::set<std::string> serials;
  for (int i = 0; i < 20; ++i) {
    const auto certificate = issued(orderFor(key.get()));
    EXPECT_THAT(certificate.serial, MatchesRegex("[0-9A-F]{32}"));
    EXPECT_THAT(run("openssl x509 -noout -serial -in " + authority->pem("s", certificate.der)).text,
                HasSubstr("serial=" + certificate.serial));
    serials.insert(certificate.serial);
  }
  EXPECT_EQ(serials.size(), 20U);
}

TEST_F(Issue, ALongNameIsCutAtTheEndOfAWord) {
  const auto key = ecKey();
  auto order = orderFor(key.get());
  order.commonName = "MARIA DE LOS ANGELES FERNANDEZ DE CORDOBA Y ALVAREZ DE TOLEDO GUZMAN";
  ASSERT_GT(order.commonName.size(), 64U);
  EXPECT_THAT(textOf(issued(order).der),
              HasSubstr("CN=MARIA DE LOS ANGELES FERNANDEZ DE CORDOBA Y ALVAREZ DE TOLEDO,C=TW"));
  std::string chinese;
  for (int i = 0; i < 70; ++i) {
    chinese += "阮";
  }
  order.commonName = chinese;
  EXPECT_THAT(textOf(issued(order).der), HasSubstr("CN=" + chinese.substr(0, 192) + ",C=TW"));
}

TEST_F(Issue, RefusesWhatIsNoNameNoMailboxAndNoNumber) {
  const auto key = ecKey();
  const auto good = orderFor(key.get());
  for (const char* const name : {"", "A\xFF", "A\nB", "\xED\xA0\x80"}) {
    auto order = good;
    order.commonName = name;
    EXPECT_EQ(refusal(order), "issuance.name-refused") << name;
  }
  for (const char* const email : {"nobody", "a@b@c", "é@example.org", "a b@example.org"}) {
    auto order = good;
    order.email = email;
    EXPECT_EQ(refusal(order), "issuance.email-refused") << email;
  }
  auto order = good;
  order.subjectSerial = "123";
  EXPECT_EQ(refusal(order), "issuance.order-refused");
  order = good;
  order.permitLastFour = "A567";
  EXPECT_EQ(refusal(order), "issuance.order-refused");
  order = good;
  order.baseUrl = "https://127.0.0.1";
  EXPECT_EQ(refusal(order), "issuance.order-refused");
  order = orderFor(key.get(), CertificateUse::CardAuthentication);
  order.commonName = "AB1234";
  EXPECT_EQ(refusal(order), "issuance.order-refused");
}

TEST_F(Issue, RefusesToOutliveTheIssuerOrToPrecedeIt) {
  const auto key = ecKey();
  auto order = orderFor(key.get());
  order.notBefore = kNow + std::chrono::days(365 * 6);
  EXPECT_EQ(refusal(order), "issuance.issuer-expires");
  order.notBefore = kNow - std::chrono::days(2);
  const auto early = (*authority)->issue(order);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, "issuance.lint-failed");
  EXPECT_THAT(early.error().detail, HasSubstr("validity-within-issuer"));
}

TEST_F(Issue, ThreadsMayIssueAtOnce) {
  const auto key = ecKey();
  std::vector<int> right(4, 0);
  std::vector<std::thread> threads;
  threads.reserve(right.size());
  for (auto& count : right) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10; ++round) {
        count += (*authority)->issue(orderFor(key.get())) ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(right, ::testing::Each(10));
}

TEST_F(Issue, OperatorsAreTlsClientsAndServersOfTheirOwnAuthority) {
  const auto key = ecKey();
  const auto officer =
      (*authority)->issueOperator("Window 3", "officer", publicKeyOf(key.get()), {}, kNow);
  const auto server = (*authority)
                          ->issueOperator("portal", "server", publicKeyOf(key.get()),
                                          {"localhost", "127.0.0.1", "::1"}, kNow);
  ASSERT_TRUE(officer) << officer.error().detail;
  ASSERT_TRUE(server) << server.error().detail;
  const std::string anchor = "openssl verify -x509_strict -attime " + atTime() + " -CAfile " +
                             authority->pem("operators", authority->certificates().operators) + " ";
  const std::string officerFile = authority->pem("officer", officer->der);
  const std::string serverFile = authority->pem("server", server->der);
  EXPECT_EQ(run(anchor + "-purpose sslclient " + officerFile).exitCode, 0);
  EXPECT_NE(run(anchor + "-purpose sslserver " + officerFile).exitCode, 0);
  EXPECT_EQ(run(anchor + "-purpose sslserver -verify_hostname localhost " + serverFile).exitCode,
            0);
  EXPECT_EQ(run(anchor + "-purpose sslserver -verify_ip 127.0.0.1 " + serverFile).exitCode, 0);
  EXPECT_NE(run(anchor + "-purpose sslserver -verify_hostname other " + serverFile).exitCode, 0);
  EXPECT_THAT(textOf(officer->der), HasSubstr("CN=Window 3,OU=officer,O=fncard reference,C=TW"));
}

/// certtool knows no other time than the clock's.
TEST(IssuedToday, GnuTlsVerifiesAndReadsIt) {
  const Time now = std::chrono::system_clock::now();
  TestAuthority authority(now);
  const auto key = rsaKey();
  auto order = orderFor(key.get());
  order.notBefore = now;
  const auto issued = authority->issue(order);
  ASSERT_TRUE(issued) << issued.error().detail;
  const std::string leaf = authority.pem("leaf", issued->der);
  const std::string chain = authority.path("chain.pem");
  run("cat " + leaf + " " + authority.pem("issuing", authority.certificates().issuing) + " > " +
      chain);
  const Output verified =
      run("certtool --verify --load-ca-certificate " +
          authority.pem("root", authority.certificates().root) + " --infile " + chain);
  EXPECT_EQ(verified.exitCode, 0) << verified.text;
  EXPECT_THAT(verified.text, HasSubstr("The certificate is trusted."));
  const Output shown = run("certtool -i --infile " + leaf);
  EXPECT_EQ(shown.exitCode, 0);
  EXPECT_THAT(shown.text, HasSubstr("CN=NGUYỄN VĂN AN 阮文安"));
}

}  // namespace
}  // namespace fncard::server::issuance

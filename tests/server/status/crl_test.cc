// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "server/status/status.h"
#include "tests/server/issuance/test_authority.h"

namespace fncard::server::status {
namespace {

using namespace issuance::testing;  // NOLINT(google-build-using-namespace)
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Crl : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    authority = new TestAuthority;
    const auto key = ecKey();
    leaf = *(*authority)->issue(orderFor(key.get()));
  }
  static void TearDownTestSuite() { delete authority; }

  static Result<Bytes> make(const std::vector<RevokedEntry>& entries,
                            const std::string& url = issuance::crlUrl(kBaseUrl, 7)) {
    return makeCrl(authority->hsm(), authority->certificates(), url, 42, entries, kNow,
                   kNow + std::chrono::hours(24));
  }
  static std::string textOf(const Bytes& crl) {
    return run("openssl crl -inform DER -noout -text -in " + authority->write("crl", crl)).text;
  }
  /// What openssl verify says of the leaf in the light of a CRL.
  static Output verify(const Bytes& crl) {
    const std::string pem = authority->path("crl.pem");
    run("openssl crl -inform DER -in " + authority->write("crl", crl) + " -out " + pem);
    return run("openssl verify -crl_check -extended_crl -attime " + atTime() + " -CAfile " +
               authority->pem("root", authority->certificates().root) + " -untrusted " +
               authority->pem("issuing", authority->certificates().issuing) + " -CRLfile " + pem +
               " " + authority->pem("leaf", leaf.der));
  }

  static inline TestAuthority* authority = nullptr;
  static inline issuance::IssuedCertificate leaf;
};

TEST_F(Crl, IsSignedByTheIssuingAuthority) {
  const auto crl = make({});
  ASSERT_TRUE(crl) << crl.error().detail;
  const Output output =
      run("openssl crl -inform DER -noout -verify -in " + authority->write("crl", *crl) +
          " -CAfile " + authority->pem("issuing", authority->certificates().issuing));
  EXPECT_EQ(output.exitCode, 0) << output.text;
  EXPECT_THAT(output.text, HasSubstr("verify OK"));
}

TEST_F(Crl, HasNumberShardAndKeyIdentifier) {
  const std::string text = textOf(*make({}));
  EXPECT_THAT(
      text,
      AllOf(HasSubstr("Version 2"), HasSubstr("X509v3 CRL Number: \n                42"),
            HasSubstr("Issuing Distribution Point: critical"),
            HasSubstr("URI:http://127.0.0.1:8080/crl/7.crl"), HasSubstr("Authority Key Identifier"),
            HasSubstr("Next Update: Feb  1 12:00:00 2026 GMT"),
            HasSubstr("No Revoked Certificates.")));
}

TEST_F(Crl, SaysReasonsAndLeavesUnspecifiedOut) {
  const std::string text =
      textOf(*make({{"0A", kNow, Reason::CertificateHold}, {"0B", kNow, Reason::KeyCompromise}}));
  EXPECT_THAT(text, AllOf(HasSubstr("Certificate Hold"), HasSubstr("Key Compromise"),
                          HasSubstr("Revocation Date: Jan 31 12:00:00 2026 GMT")));
  EXPECT_THAT(textOf(*make({{"0A", kNow, Reason::Unspecified}})), Not(HasSubstr("Reason Code")));
}

TEST_F(Crl, StopsARelyingPartyThatChecksWithOpenSsl) {
  const Output good = verify(*make({{"0A", kNow, Reason::Superseded}}));
  EXPECT_EQ(good.exitCode, 0) << good.text;
  const Output revoked = verify(*make({{leaf.serial, kNow, Reason::CertificateHold}}));
  EXPECT_NE(revoked.exitCode, 0);
  EXPECT_THAT(revoked.text, HasSubstr("certificate revoked"));
}

TEST_F(Crl, OfAnotherShardDoesNotSpeakForTheCertificate) {
  const Output output = verify(*make({}, issuance::crlUrl(kBaseUrl, 8)));
  EXPECT_NE(output.exitCode, 0);
}

TEST_F(Crl, IsReadByGnuTls) {
  const Output output =
      run("certtool --crl-info --inder --infile " +
          authority->write("crl", *make({{leaf.serial, kNow, Reason::KeyCompromise}})));
  EXPECT_EQ(output.exitCode, 0) << output.text;
  EXPECT_THAT(output.text, HasSubstr("Revoked certificates (1)"));
}

TEST_F(Crl, HoldsManyEntriesInOrder) {
  std::vector<RevokedEntry> entries;
  for (int i = 5000; i > 0; --i) {
    char serial[33];
    std::snprintf(serial, sizeof(serial), "%032X", 0x10000 + i);
    entries.push_back({serial, kNow, Reason::CertificateHold});
  }
  const auto crl = make(entries);
  ASSERT_TRUE(crl);
  const auto parsed = trust::openssl::decoded<trust::openssl::CrlPointer, d2i_X509_CRL>(*crl);
  EXPECT_EQ(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(parsed.get())), 5000);
}

TEST_F(Crl, RefusesWhatIsNoSerialOrStandsTwice) {
  for (const char* const serial : {"", "XYZ", "12 34", "-1"}) {
    EXPECT_FALSE(make({{serial, kNow, Reason::Unspecified}})) << serial;
  }
  EXPECT_FALSE(make({{std::string(42, 'A'), kNow, Reason::Unspecified}}));
  EXPECT_FALSE(make({{"0A", kNow, Reason::Unspecified}, {"0A", kNow, Reason::CertificateHold}}));
  EXPECT_FALSE(
      makeCrl(authority->hsm(), authority->certificates(), "http://a/1.crl", 1, {}, kNow, kNow));
}

}  // namespace
}  // namespace fncard::server::status

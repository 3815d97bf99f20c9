// SPDX-License-Identifier: Apache-2.0
#include "server/issuance/authority.h"

#include <gmock/gmock.h>

#include "server/issuance/signing.h"
#include "tests/server/issuance/test_authority.h"

namespace fncard::server::issuance {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string textOf(const TestAuthority& authority, const Bytes& der) {
  return run("openssl x509 -noout -text -in " + authority.pem("shown", der)).text;
}

TEST(CreateAuthority, MakesTheHierarchyOfTheProfileWithItsDefaultKeys) {
  TestAuthority authority(kNow, {});
  const auto& certificates = authority.certificates();
  const std::string root = authority.pem("root", certificates.root);
  const Output verified = run("openssl verify -x509_strict -attime " + atTime() + " -CAfile " +
                              root + " -untrusted " + authority.pem("ca", certificates.issuing) +
                              " -purpose ocsphelper " + authority.pem("ocsp", certificates.ocsp));
  EXPECT_EQ(verified.exitCode, 0) << verified.text;
  EXPECT_THAT(textOf(authority, certificates.root),
              AllOf(HasSubstr("Public-Key: (4096 bit)"), HasSubstr("CA:TRUE, pathlen:1"),
                    HasSubstr("Certificate Sign, CRL Sign"), HasSubstr("2046 GMT")));
  EXPECT_THAT(textOf(authority, certificates.issuing),
              AllOf(HasSubstr("Public-Key: (3072 bit)"), HasSubstr("CA:TRUE, pathlen:0"),
                    HasSubstr("Policy: 2.16.886.101.0.3.3"), HasSubstr("2036 GMT")));
  EXPECT_THAT(textOf(authority, certificates.ocsp),
              AllOf(HasSubstr("OCSP Signing"), HasSubstr("OCSP No Check"),
                    HasSubstr("NIST CURVE: P-256"), HasSubstr("Not After : May  1")));
  // and it issues, under RSA as well as under EC
  const auto key = rsaKey();
  const auto leaf = authority->issue(orderFor(key.get()));
  ASSERT_TRUE(leaf) << leaf.error().detail;
  const Output holder =
      run("openssl verify -x509_strict -attime " + atTime() + " -CAfile " + root + " -untrusted " +
          authority.pem("ca", certificates.issuing) + " " + authority.pem("leaf", leaf->der));
  EXPECT_EQ(holder.exitCode, 0) << holder.text;
}

TEST(CreateAuthority, RefusesATokenThatHasTheKeysAlready) {
  TestAuthority authority;
  const auto again = createAuthority(authority.hsm(), kNow);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, "issuance.keys-exist");
}

TEST(CreateAuthority, RenewsTheRespondersCertificateForTheSameKey) {
  TestAuthority authority;
  const Time later = kNow + std::chrono::days(80);
  const auto renewed = renewOcspCertificate(authority.hsm(), authority.certificates(), later);
  ASSERT_TRUE(renewed) << renewed.error().detail;
  const auto before = trust::openssl::decodedCertificate(authority.certificates().ocsp);
  const auto after = trust::openssl::decodedCertificate(*renewed);
  EXPECT_EQ(EVP_PKEY_eq(X509_get0_pubkey(before.get()), X509_get0_pubkey(after.get())), 1);
  EXPECT_EQ(ASN1_TIME_compare(X509_get0_notAfter(after.get()), X509_get0_notAfter(before.get())),
            1);
}

TEST(AuthorityState, RefusesCertificatesThatAreNotOfTheHsmsKeys) {
  TestAuthority authority;
  AuthorityCertificates mixed = authority.certificates();
  mixed.issuing = mixed.root;
  Authority wrong(authority.hsm(), mixed);
  const auto key = ecKey();
  const auto certificate = wrong.issue(orderFor(key.get()));
  ASSERT_FALSE(certificate);
  EXPECT_EQ(certificate.error().code, "issuance.authority-damaged");
  mixed.issuing = {1, 2, 3};
  EXPECT_EQ(Authority(authority.hsm(), mixed).issue(orderFor(key.get())).error().code,
            "issuance.authority-damaged");
}

TEST(AuthorityState, WritesYearsFrom2050OnAsGeneralizedTime) {
  const Time now = std::chrono::sys_days(std::chrono::year(2046) / 6 / 1);
  TestAuthority authority(now);
  const auto key = ecKey();
  auto order = orderFor(key.get());
  order.notBefore = now;
  const auto certificate = authority->issue(order);
  ASSERT_TRUE(certificate) << certificate.error().detail;
  const std::string parsed =
      run("openssl asn1parse -in " + authority.pem("leaf", certificate->der)).text;
  EXPECT_THAT(parsed, HasSubstr("UTCTIME           :460601000000Z"));
  EXPECT_THAT(parsed, HasSubstr("GENERALIZEDTIME   :20510601000000Z"));
}

TEST(YearsAfter, KeepsTheDateAndTheTimeOfDay) {
  using std::chrono::sys_days;
  using std::chrono::year;
  EXPECT_EQ(yearsAfter(kNow, 5), Time(sys_days(year(2031) / 1 / 31) + std::chrono::hours(12)));
  EXPECT_EQ(yearsAfter(Time(sys_days(year(2028) / 2 / 29)), 5),
            Time(sys_days(year(2033) / 2 / 28)));
}

}  // namespace
}  // namespace fncard::server::issuance

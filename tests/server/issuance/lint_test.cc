// SPDX-License-Identifier: Apache-2.0
#include "server/issuance/lint.h"

#include <gmock/gmock.h>
#include <openssl/x509v3.h>

#include <functional>

#include "server/issuance/extensions.h"
#include "server/issuance/names.h"
#include "tests/server/issuance/test_authority.h"

namespace fncard::server::issuance {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using trust::openssl::TimePointer;
using trust::openssl::X509Pointer;

/// A certificate as it was issued, then broken in one place and signed anew by somebody.
class Lint : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    authority = new TestAuthority;
    issuer = trust::openssl::decodedCertificate(authority->certificates().issuing).release();
  }
  static void TearDownTestSuite() {
    X509_free(issuer);
    delete authority;
  }

  static Profile profileOf(CertificateUse use) {
    return use == CertificateUse::Signature       ? Profile::Signature
           : use == CertificateUse::KeyManagement ? Profile::KeyManagement
                                                  : Profile::CardAuthentication;
  }

  static std::vector<std::string> broken(const std::function<void(X509*)>& change,
                                         CertificateUse use = CertificateUse::Signature,
                                         const EVP_MD* digest = EVP_sha256()) {
    const auto key = ecKey();
    const auto issued = (*authority)->issue(orderFor(key.get(), use));
    EXPECT_TRUE(issued);
    const X509Pointer certificate = trust::openssl::decodedCertificate(issued->der);
    change(certificate.get());
    const auto throwaway = ecKey();
    EXPECT_GT(X509_sign(certificate.get(), throwaway.get(), digest), 0);
    return rulesOf(trust::openssl::encoded<i2d_X509>(certificate.get()), profileOf(use));
  }
  static std::vector<std::string> rulesOf(const Bytes& der, Profile profile) {
    std::vector<std::string> rules;
    for (const auto& finding : lint(der, issuer, profile)) {
      EXPECT_FALSE(finding.source.empty());
      rules.push_back(finding.rule);
    }
    return rules;
  }

  static void removeExtension(X509* certificate, int nid) {
    X509_EXTENSION_free(X509_delete_ext(certificate, X509_get_ext_by_NID(certificate, nid, -1)));
  }
  static void addFromText(X509* certificate, int nid, const char* value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    ASSERT_NE(extension, nullptr) << value;
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  static void replace(X509* certificate, int nid, const char* value) {
    removeExtension(certificate, nid);
    addFromText(certificate, nid, value);
  }
  static void setTime(X509* certificate, bool end, int type, const char* text) {
    const TimePointer time(ASN1_STRING_type_new(type));
    ASN1_STRING_set(time.get(), text, -1);
    (end ? X509_set1_notAfter : X509_set1_notBefore)(certificate, time.get());
  }
  static void setSerial(X509* certificate, const std::vector<unsigned char>& magnitude,
                        bool negative = false) {
    BIGNUM* const number = BN_bin2bn(magnitude.data(), static_cast<int>(magnitude.size()), nullptr);
    BN_set_negative(number, negative ? 1 : 0);
    ASN1_INTEGER* const serial = BN_to_ASN1_INTEGER(number, nullptr);
    X509_set_serialNumber(certificate, serial);
    ASN1_INTEGER_free(serial);
    BN_free(number);
  }
  static void setSubject(X509* certificate, int nid, int type, const char* value) {
    X509_NAME* const name = X509_get_subject_name(certificate);
    const int at = X509_NAME_get_index_by_NID(name, nid, -1);
    X509_NAME_ENTRY_free(X509_NAME_delete_entry(name, at));
    X509_NAME_add_entry_by_NID(name, nid, type, reinterpret_cast<const unsigned char*>(value), -1,
                               at, 0);
  }

  static inline TestAuthority* authority = nullptr;
  static inline X509* issuer = nullptr;
};

using ::testing::Contains;
using ::testing::IsEmpty;

TEST_F(Lint, FindsNothingInWhatIsIssued) {
  for (const CertificateUse use : {CertificateUse::Signature, CertificateUse::KeyManagement,
                                   CertificateUse::CardAuthentication}) {
    EXPECT_THAT(broken([](X509*) {}, use), IsEmpty());
  }
}

TEST_F(Lint, RefusesBytesThatAreNoCertificate) {
  const auto key = ecKey();
  const auto issued = (*authority)->issue(orderFor(key.get()));
  Bytes longer = issued->der;
  longer.push_back(0);
  EXPECT_THAT(rulesOf(longer, Profile::Signature), Contains("encoding"));
  EXPECT_THAT(rulesOf({}, Profile::Signature), Contains("encoding"));
  EXPECT_THAT(rulesOf({0x30, 0x80, 0x00, 0x00}, Profile::Signature), Contains("encoding"));
}

TEST_F(Lint, RefusesAnotherVersion) {
  EXPECT_THAT(broken([](X509* c) { X509_set_version(c, 1); }), Contains("version"));
}

TEST_F(Lint, RefusesSerialsThatAreNotPositiveOrNotRandom) {
  const std::vector<unsigned char> sixteen(16, 0x7F);
  EXPECT_THAT(broken([&](X509* c) { setSerial(c, sixteen, true); }), Contains("serial-positive"));
  EXPECT_THAT(broken([](X509* c) { setSerial(c, {}); }), Contains("serial-positive"));
  EXPECT_THAT(broken([](X509* c) { setSerial(c, std::vector<unsigned char>(21, 1)); }),
              Contains("serial-positive"));
  EXPECT_THAT(broken([](X509* c) { setSerial(c, {1}); }), Contains("serial-random"));
}

TEST_F(Lint, RefusesAnotherDigest) {
  EXPECT_THAT(broken([](X509*) {}, CertificateUse::Signature, EVP_sha1()),
              Contains("signature-sha256"));
  EXPECT_THAT(broken([](X509*) {}, CertificateUse::Signature, EVP_sha512()),
              Contains("signature-sha256"));
}

TEST_F(Lint, RefusesAnOuterAlgorithmThatIsNotTheInnerOne) {
  const auto key = ecKey();
  Bytes der = (*authority)->issue(orderFor(key.get()))->der;
  // ecdsa-with-SHA256 in the outer field, the last one in the bytes, becomes ecdsa-with-SHA384
  const Bytes object = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02};
  const auto outer = std::find_end(der.begin(), der.end(), object.begin(), object.end());
  ASSERT_NE(outer, der.end());
  outer[7] = 0x03;
  EXPECT_THAT(rulesOf(der, Profile::Signature), Contains("signature-algorithms-same"));
}

TEST_F(Lint, RefusesAnotherIssuer) {
  EXPECT_THAT(broken([](X509* c) {
                addAttribute(X509_get_issuer_name(c), NID_organizationalUnitName, "x");
              }),
              Contains("issuer-name"));
}

TEST_F(Lint, RefusesAnIssuerThatIsNoAuthority) {
  const auto key = ecKey();
  const auto issued = (*authority)->issue(orderFor(key.get()));
  const auto leaf = trust::openssl::decodedCertificate(issued->der);
  const auto findings = lint(issued->der, leaf.get(), Profile::Signature);
  EXPECT_THAT(describe(findings), ::testing::HasSubstr("issuer-may-sign (RFC 5280 §4.2.1.9"));
}

TEST_F(Lint, RefusesTimesInTheWrongFormOrOrder) {
  EXPECT_THAT(broken([](X509* c) { setTime(c, true, V_ASN1_GENERALIZEDTIME, "20310131120000Z"); }),
              Contains("validity-encoding"));
  EXPECT_THAT(broken([](X509* c) { setTime(c, true, V_ASN1_UTCTIME, "250131120000Z"); }),
              Contains("validity-order"));
  EXPECT_THAT(broken([](X509* c) { setTime(c, true, V_ASN1_UTCTIME, "310203120000Z"); }),
              Contains("validity-length"));
  EXPECT_THAT(broken([](X509* c) { setTime(c, true, V_ASN1_UTCTIME, "400131120000Z"); }),
              Contains("validity-within-issuer"));
  EXPECT_THAT(broken([](X509* c) { setTime(c, false, V_ASN1_UTCTIME, "260131100000Z"); }),
              Contains("validity-within-issuer"));
}

TEST_F(Lint, RefusesKeysThatMayNotBeCertified) {
  EXPECT_THAT(broken([](X509* c) { X509_set_pubkey(c, rsaKey(1024).get()); }),
              Contains("key-allowed"));
  EXPECT_THAT(broken([](X509* c) { X509_set_pubkey(c, X509_get0_pubkey(issuer)); }),
              Contains("key-not-issuers"));
  EXPECT_THAT(broken([](X509* c) { X509_set_pubkey(c, ecKey().get()); }),
              Contains("subject-key-identifier"));
}

TEST_F(Lint, RefusesSubjectsOfAnotherForm) {
  EXPECT_THAT(broken([](X509* c) { setSubject(c, NID_countryName, V_ASN1_PRINTABLESTRING, "JP"); }),
              Contains("subject-country"));
  EXPECT_THAT(broken([](X509* c) { setSubject(c, NID_countryName, V_ASN1_UTF8STRING, "TW"); }),
              Contains("subject-strings"));
  EXPECT_THAT(broken([](X509* c) { setSubject(c, NID_commonName, V_ASN1_T61STRING, "AN"); }),
              Contains("subject-strings"));
  EXPECT_THAT(broken([](X509* c) { setSubject(c, NID_commonName, V_ASN1_UTF8STRING, "A\nB"); }),
              Contains("subject-strings"));
  const std::string tooLong(65, 'A');
  EXPECT_THAT(
      broken([&](X509* c) { setSubject(c, NID_commonName, V_ASN1_UTF8STRING, tooLong.c_str()); }),
      Contains("subject-strings"));
  EXPECT_THAT(broken([](X509* c) {
                setSubject(c, NID_serialNumber, V_ASN1_PRINTABLESTRING, "A123456789");
              }),
              Contains("subject-serial"));
  EXPECT_THAT(broken([](X509* c) { addAttribute(X509_get_subject_name(c), NID_title, "Dr"); }),
              Contains("subject-attributes"));
  EXPECT_THAT(
      broken([](X509* c) { setSubject(c, NID_commonName, V_ASN1_UTF8STRING, "NGUYEN VAN AN"); },
             CertificateUse::CardAuthentication),
      Contains("subject-card-number"));
}

TEST_F(Lint, RefusesMissingForeignAndDoubledExtensions) {
  for (const int nid :
       {NID_key_usage, NID_certificate_policies, NID_subject_directory_attributes, NID_info_access,
        NID_crl_distribution_points, NID_subject_key_identifier, NID_authority_key_identifier}) {
    EXPECT_THAT(broken([&](X509* c) { removeExtension(c, nid); }),
                Contains("extensions-of-profile"))
        << OBJ_nid2sn(nid);
  }
  EXPECT_THAT(broken([](X509* c) { addFromText(c, NID_basic_constraints, "CA:FALSE"); }),
              Contains("extensions-of-profile"));
  EXPECT_THAT(broken([](X509* c) { addFromText(c, NID_netscape_comment, "hello"); }),
              Contains("extensions-of-profile"));
  EXPECT_THAT(broken([](X509* c) {
                X509_add_ext(
                    c, X509_get_ext(c, X509_get_ext_by_NID(c, NID_certificate_policies, -1)), -1);
              }),
              Contains("extensions-unique"));
  EXPECT_THAT(broken([](X509* c) { addSubjectDirectoryAttributes(c, "5678"); },
                     CertificateUse::CardAuthentication),
              Contains("extensions-of-profile"));
}

TEST_F(Lint, RefusesWrongCriticality) {
  EXPECT_THAT(broken([](X509* c) { replace(c, NID_key_usage, "digitalSignature,nonRepudiation"); }),
              Contains("extensions-critical"));
  EXPECT_THAT(broken([](X509* c) {
                X509_EXTENSION_set_critical(
                    X509_get_ext(c, X509_get_ext_by_NID(c, NID_certificate_policies, -1)), 1);
              }),
              Contains("extensions-critical"));
}

TEST_F(Lint, RefusesKeyUsagesOfAnotherPurpose) {
  for (const char* const usage : {"critical,digitalSignature", "critical,keyEncipherment",
                                  "critical,digitalSignature,nonRepudiation,keyCertSign"}) {
    EXPECT_THAT(broken([&](X509* c) { replace(c, NID_key_usage, usage); }), Contains("key-usage"))
        << usage;
  }
  // what an RSA key may, an EC key may not
  EXPECT_THAT(
      broken(
          [](X509* c) { replace(c, NID_key_usage, "critical,keyEncipherment,dataEncipherment"); },
          CertificateUse::KeyManagement),
      Contains("key-usage"));
}

TEST_F(Lint, RefusesAnotherPolicyAndAnotherAuthorityKey) {
  EXPECT_THAT(broken([](X509* c) {
                removeExtension(c, NID_certificate_policies);
                addPolicy(c, "2.16.886.101.0.3.2");
              }),
              Contains("policy"));
  EXPECT_THAT(broken([](X509* c) {
                // level 3 and level 4
                replace(
                    c, NID_certificate_policies,
                    "DER:30:16:30:09:06:07:60:86:76:65:00:03:03:30:09:06:07:60:86:76:65:00:03:04");
              }),
              Contains("policy"));
  EXPECT_THAT(broken([](X509* c) {
                removeExtension(c, NID_authority_key_identifier);
                const auto root =
                    trust::openssl::decodedCertificate(authority->certificates().root);
                removeExtension(c, NID_subject_key_identifier);
                addKeyIdentifiers(c, root.get());
              }),
              Contains("authority-key-identifier"));
}

TEST_F(Lint, RefusesOtherDirectoryAttributes) {
  EXPECT_THAT(broken([](X509* c) {
                removeExtension(c, NID_subject_directory_attributes);
                addSubjectDirectoryAttributes(c, "56789");
              }),
              Contains("subject-directory-attributes"));
  // SEQUENCE { } and SEQUENCE { one attribute alone }
  for (const char* const der :
       {"DER:30:00", "DER:30:15:30:13:06:07:60:86:76:01:64:02:01:31:08:06:06:60:86:76:01:64:03"}) {
    EXPECT_THAT(broken([&](X509* c) { replace(c, NID_subject_directory_attributes, der); }),
                Contains("subject-directory-attributes"))
        << der;
  }
}

TEST_F(Lint, RefusesAlternativeNamesThatAreNoMailbox) {
  for (const char* const names :
       {"DNS:example.org", "email:nobody", "email:a@example.org,email:b@example.org"}) {
    EXPECT_THAT(broken([&](X509* c) { replace(c, NID_subject_alt_name, names); }),
                Contains("alternative-name"))
        << names;
  }
}

TEST_F(Lint, RefusesStatusAddressesThatDoNotServe) {
  EXPECT_THAT(broken([](X509* c) {
                replace(c, NID_info_access,
                        "OCSP;URI:https://a/ocsp,caIssuers;URI:http://a/ca.cer");
              }),
              Contains("authority-information"));
  EXPECT_THAT(broken([](X509* c) { replace(c, NID_info_access, "OCSP;URI:http://a/ocsp"); }),
              Contains("authority-information"));
  EXPECT_THAT(broken([](X509* c) { replace(c, NID_crl_distribution_points, "URI:ldap://a/b"); }),
              Contains("crl-distribution-point"));
  EXPECT_THAT(broken([](X509* c) {
                replace(c, NID_crl_distribution_points, "URI:http://a/1.crl,URI:http://a/2.crl");
              }),
              Contains("crl-distribution-point"));
}

TEST_F(Lint, RefusesAnOperatorsCertificateAsAHoldersAndTheOtherWayRound) {
  const auto key = ecKey();
  const auto officer =
      (*authority)->issueOperator("Window 3", "officer", publicKeyOf(key.get()), {}, kNow);
  ASSERT_TRUE(officer);
  EXPECT_THAT(rulesOf(officer->der, Profile::Signature), ::testing::Not(IsEmpty()));
  EXPECT_THAT(rulesOf(officer->der, Profile::OperatorServer), Contains("extended-key-usage"));
}

}  // namespace
}  // namespace fncard::server::issuance

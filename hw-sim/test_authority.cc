// SPDX-License-Identifier: Apache-2.0
#include "hw-sim/test_authority.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/conf.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <vector>

namespace fncard::hw_sim {
namespace {

using Certificate = std::shared_ptr<X509>;

constexpr int kRootDays = 7305;
constexpr int kIssuingDays = 3652;
constexpr int kHolderDays = 1826;
constexpr long kBackdateSeconds = 300;  // clocks of those who check differ a little

struct NameEntry {
  const char* field;
  std::string value;
};

struct Draft {
  std::vector<NameEntry> subject;
  int days;
  /// Section [extensions] and what it refers to, in OpenSSL's configuration language.
  std::string extensions;
};

bool setSubject(X509* certificate, const std::vector<NameEntry>& entries) {
  X509_NAME* name = X509_NAME_new();
  bool good = name != nullptr;
  for (const NameEntry& entry : entries) {
    good = good &&
           X509_NAME_add_entry_by_txt(name, entry.field, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(entry.value.data()),
                                      static_cast<int>(entry.value.size()), -1, 0) == 1;
  }
  good = good && X509_set_subject_name(certificate, name) == 1;
  X509_NAME_free(name);
  return good;
}

/// 128 random bits, positive (RFC 5280 §4.1.2.2).
bool setSerial(X509* certificate) {
  Bytes bytes = randomBytes(16);
  bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0x7FU) | 0x40U);
  BIGNUM* number = BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr);
  const bool good = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  return good;
}

bool addExtensions(X509* certificate, X509* issuer, const std::string& text) {
  CONF* configuration = NCONF_new(nullptr);
  BIO* source = BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
  long wrongLine = 0;
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  bool good = NCONF_load_bio(configuration, source, &wrongLine) == 1;
  if (good) {
    X509V3_set_nconf(&context, configuration);
    good = X509V3_EXT_add_nconf(configuration, &context, "extensions", certificate) == 1;
  }
  BIO_free(source);
  NCONF_free(configuration);
  return good;
}

/// issuer null: self-signed.
Certificate sign(const Draft& draft, const PrivateKey& subjectKey, X509* issuer,
                 const PrivateKey& issuerKey) {
  Certificate certificate(X509_new(), X509_free);
  X509* raw = certificate.get();
  if (raw == nullptr) {
    return nullptr;
  }
  X509* parent = issuer != nullptr ? issuer : raw;
  const bool good = X509_set_version(raw, X509_VERSION_3) == 1 && setSerial(raw) &&
                    setSubject(raw, draft.subject) &&
                    X509_set_issuer_name(raw, X509_get_subject_name(parent)) == 1 &&
                    X509_gmtime_adj(X509_getm_notBefore(raw), -kBackdateSeconds) != nullptr &&
                    X509_time_adj_ex(X509_getm_notAfter(raw), draft.days, -kBackdateSeconds,
                                     nullptr) != nullptr &&
                    X509_set_pubkey(raw, subjectKey.handle()) == 1 &&
                    addExtensions(raw, parent, draft.extensions) &&
                    X509_sign(raw, issuerKey.handle(), EVP_sha256()) > 0;
  return good ? certificate : nullptr;
}

std::string pemOf(X509* certificate) {
  BIO* out = BIO_new(BIO_s_mem());
  std::string text;
  if (PEM_write_bio_X509(out, certificate) == 1) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    text.assign(data, static_cast<std::size_t>(size));
  }
  BIO_free(out);
  return text;
}

Bytes derOf(X509* certificate) {
  unsigned char* data = nullptr;
  const int size = i2d_X509(certificate, &data);
  Bytes out;
  if (size > 0) {
    out.assign(data, data + size);
    OPENSSL_free(data);
  }
  return out;
}

std::vector<NameEntry> authorityName(const char* commonName) {
  return {{"C", "TW"},
          {"O", "fncard reference"},
          {"OU", "throwaway test authority"},
          {"CN", commonName}};
}

const char* keyUsageOf(CertificateUse use, const PrivateKey& key) {
  switch (use) {
    case CertificateUse::Signature:
      return "critical,digitalSignature,nonRepudiation";
    case CertificateUse::KeyManagement:
      return isRsa(key.algorithm()) ? "critical,keyEncipherment,dataEncipherment"
                                    : "critical,keyAgreement";
    case CertificateUse::CardAuthentication:
      break;
  }
  return "critical,digitalSignature";
}

std::string holderExtensions(CertificateUse use, const PrivateKey& key, const std::string& base) {
  const bool personal = use != CertificateUse::CardAuthentication;
  std::string text = "[extensions]\n";
  text += std::string("keyUsage=") + keyUsageOf(use, key) + "\n";
  text += "certificatePolicies=2.16.886.101.0.3.3\n";
  text +=
      "authorityInfoAccess=OCSP;URI:" + base + "/ocsp,caIssuers;URI:" + base + "/ca/issuing.cer\n";
  text += "crlDistributionPoints=URI:" + base + "/crl/0.crl\n";
  text += "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always\n";
  if (personal) {
    text += "subjectAltName=email:nguyen.hoa@example.org\n";
    text += "subjectDirectoryAttributes=ASN1:SEQUENCE:attributes\n";
    text += "[attributes]\nkind=SEQUENCE:kind\npermit=SEQUENCE:permit\n";
    text += "[kind]\ntype=OID:2.16.886.1.100.2.1\nvalues=SET:kindValues\n";
    text += "[kindValues]\nvalue=OID:2.16.886.1.100.3.1.1\n";
    text += "[permit]\ntype=OID:2.16.886.1.100.2.51\nvalues=SET:permitValues\n";
    text += "[permitValues]\nvalue=PRINTABLESTRING:6789\n";
  }
  return text;
}

}  // namespace

std::optional<TestAuthority> TestAuthority::create(KeyAlgorithm algorithm, std::string baseUrl) {
  auto rootKey = PrivateKey::generate(algorithm);
  auto issuingKey = PrivateKey::generate(algorithm);
  if (!rootKey || !issuingKey) {
    return std::nullopt;
  }
  const std::string common =
      "keyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
      "authorityKeyIdentifier=keyid:always\n";
  const Draft rootDraft{.subject = authorityName("fncard test root"),
                        .days = kRootDays,
                        .extensions = "[extensions]\nbasicConstraints=critical,CA:TRUE\n" + common};
  auto root = sign(rootDraft, *rootKey, nullptr, *rootKey);
  const Draft issuingDraft{
      .subject = authorityName("fncard test issuing CA"),
      .days = kIssuingDays,
      .extensions = "[extensions]\nbasicConstraints=critical,CA:TRUE,pathlen:0\n" + common +
                    "certificatePolicies=2.16.886.101.0.3.3\n"};
  auto issuing = root ? sign(issuingDraft, *issuingKey, root.get(), *rootKey) : nullptr;
  if (!issuing) {
    return std::nullopt;
  }
  return TestAuthority(std::move(*issuingKey), std::move(root), std::move(issuing),
                       std::move(baseUrl));
}

std::optional<MintedCertificate> TestAuthority::issue(CertificateUse use, const PrivateKey& key,
                                                      const std::string& commonName,
                                                      const std::string& subjectSerial) const {
  Draft draft{.subject = {{"C", "TW"}, {"CN", commonName}},
              .days = kHolderDays,
              .extensions = holderExtensions(use, key, baseUrl_)};
  if (use != CertificateUse::CardAuthentication) {
    draft.subject.push_back({"serialNumber", subjectSerial});
  }
  const auto certificate = sign(draft, key, issuing_.get(), issuingKey_);
  if (!certificate) {
    return std::nullopt;
  }
  return MintedCertificate{.der = derOf(certificate.get()), .pem = pemOf(certificate.get())};
}

std::string TestAuthority::rootPem() const {
  return pemOf(root_.get());
}
std::string TestAuthority::issuingPem() const {
  return pemOf(issuing_.get());
}

}  // namespace fncard::hw_sim

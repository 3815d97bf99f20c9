// SPDX-License-Identifier: Apache-2.0
#include "tests/net/test_certificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace fncard::net {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

File open(const std::string& path, const char* mode) {
  return {std::fopen(path.c_str(), mode), &std::fclose};
}

void extend(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// The first certificate of a directory is its CA and signs itself.
TestCertificates::Files make(const std::filesystem::path& directory, const std::string& name,
                             const std::string& alternativeName,
                             const TestCertificates::Files* ca) {
  static long serial = 1;
  const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const Certificate certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_pubkey(certificate.get(), key.get());
  extend(certificate.get(), NID_basic_constraints,
         ca == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!alternativeName.empty()) {
    extend(certificate.get(), NID_subject_alt_name, alternativeName);
  }
  Key signer(nullptr, &EVP_PKEY_free);
  Certificate issuer(nullptr, &X509_free);
  if (ca != nullptr) {
    signer.reset(PEM_read_PrivateKey(open(ca->key, "r").get(), nullptr, nullptr, nullptr));
    issuer.reset(PEM_read_X509(open(ca->certificate, "r").get(), nullptr, nullptr, nullptr));
  }
  X509_set_issuer_name(certificate.get(),
                       X509_get_subject_name(issuer ? issuer.get() : certificate.get()));
  X509_sign(certificate.get(), signer ? signer.get() : key.get(), EVP_sha256());

  TestCertificates::Files files{directory / (name + ".pem"), directory / (name + ".key")};
  PEM_write_X509(open(files.certificate, "w").get(), certificate.get());
  PEM_write_PrivateKey(open(files.key, "w").get(), key.get(), nullptr, nullptr, 0, nullptr,
                       nullptr);
  return files;
}

}  // namespace

TestCertificates::TestCertificates() {
  std::string pattern = std::filesystem::temp_directory_path() / "fncard-net-XXXXXX";
  directory_ = mkdtemp(pattern.data());
  ca_ = make(directory_, "ca", "", nullptr);
}

TestCertificates::~TestCertificates() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

TestCertificates::Files TestCertificates::issue(const std::string& name,
                                                const std::string& alternativeName) {
  return make(directory_, name, alternativeName, &ca_);
}

}  // namespace fncard::net

// SPDX-License-Identifier: Apache-2.0
#include "server/issuance/authority.h"

#include <mutex>

#include "server/base/text.h"
#include "server/issuance/extensions.h"
#include "server/issuance/lint.h"
#include "server/issuance/names.h"
#include "server/issuance/public_key.h"
#include "server/issuance/signing.h"
#include "trust/certificate.h"

namespace fncard::server::issuance {
namespace {

using trust::openssl::KeyPointer;
using trust::openssl::X509Pointer;

constexpr int kHolderYears = 5;
constexpr int kOperatorYears = 2;

tl::unexpected<Error> refuse(const char* code, std::string detail) {
  return tl::unexpected(Error{code, std::move(detail)});
}

/// One of our CAs: its certificate, its key in the HSM, and a throwaway key that makes signatures
/// of the same algorithm for the lint.
struct Signer {
  X509Pointer certificate;
  hsm::Key key;
  KeyPointer throwaway;
};

Result<std::shared_ptr<const Signer>> makeSigner(hsm::Hsm& hsm, const Bytes& certificate,
                                                 const char* label) {
  auto signer = std::make_shared<Signer>();
  signer->certificate = trust::openssl::decodedCertificate(certificate);
  if (!signer->certificate || X509_get0_subject_key_id(signer->certificate.get()) == nullptr) {
    return refuse("issuance.authority-damaged", label);
  }
  auto key = hsm.key(label);
  if (!key) {
    return refuse("issuance.hsm-failed", key.error().detail);
  }
  signer->key = std::move(*key);
  if (X509_check_private_key(signer->certificate.get(), signer->key.get()) != 1) {
    (void)trust::openssl::takeErrors();
    return refuse("issuance.authority-damaged",
                  std::string("the certificate is not of the HSM's key ") + label);
  }
  const bool rsa = EVP_PKEY_get_base_id(signer->key.get()) == EVP_PKEY_RSA;
  // the to-be-signed bytes name the algorithm only, not the size: a small key is enough
  signer->throwaway.reset(rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
  if (!signer->throwaway) {
    return hsmFailed(trust::openssl::takeErrors());
  }
  return signer;
}

/// Made at first use, and again after a failure: the HSM may come back.
class LazySigner {
 public:
  Result<std::shared_ptr<const Signer>> get(hsm::Hsm& hsm, const Bytes& certificate,
                                            const char* label) {
    const std::lock_guard lock(mutex_);
    if (!signer_) {
      auto made = makeSigner(hsm, certificate, label);
      if (!made) {
        return made;
      }
      signer_ = *made;
    }
    return signer_;
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<const Signer> signer_;
};

/// Lint under the throwaway key, then the real signature over the same bytes.
Result<IssuedCertificate> lintAndSign(X509* certificate, const Signer& signer, Profile profile) {
  const auto draft = signCertificate(certificate, signer.throwaway.get(), signer.throwaway.get());
  if (!draft) {
    return tl::unexpected(draft.error());
  }
  const auto findings = lint(*draft, signer.certificate.get(), profile);
  if (!findings.empty()) {
    return refuse("issuance.lint-failed", describe(findings));
  }
  auto der =
      signCertificate(certificate, signer.key.get(), X509_get0_pubkey(signer.certificate.get()));
  if (!der) {
    return tl::unexpected(der.error());
  }
  if (toBeSigned(*der) != toBeSigned(*draft)) {
    return refuse("issuance.lint-failed", "the signed bytes are not those that were checked");
  }
  return IssuedCertificate{std::move(*der),
                           trust::openssl::serialText(X509_get0_serialNumber(certificate))};
}

Profile profileOf(CertificateUse use) {
  switch (use) {
    case CertificateUse::KeyManagement:
      return Profile::KeyManagement;
    case CertificateUse::CardAuthentication:
      return Profile::CardAuthentication;
    case CertificateUse::Signature:
      break;
  }
  return Profile::Signature;
}

std::vector<KeyUsageBit> usageOf(CertificateUse use, bool rsa) {
  switch (use) {
    case CertificateUse::Signature:
      return {KeyUsageBit::DigitalSignature, KeyUsageBit::NonRepudiation};
    case CertificateUse::KeyManagement:
      return rsa ? std::vector{KeyUsageBit::KeyEncipherment, KeyUsageBit::DataEncipherment}
                 : std::vector{KeyUsageBit::KeyAgreement};
    case CertificateUse::CardAuthentication:
      break;
  }
  return {KeyUsageBit::DigitalSignature};
}

/// What a caller can get wrong, said better than the lint would.
Result<void> checkOrder(const CertificateOrder& order) {
  if (!isPlainHttp(order.baseUrl)) {
    return refuse("issuance.order-refused", "baseUrl is not a plain http:// address");
  }
  if (order.use == CertificateUse::CardAuthentication) {
    return isCardNumber(order.commonName)
               ? Result<void>{}
               : refuse("issuance.order-refused", "the card number has two letters and 14 digits");
  }
  if (characters(order.commonName) == 0) {
    return refuse("issuance.name-refused", "the name is empty or not clean UTF-8");
  }
  if (!order.email.empty() && !isEmail(order.email)) {
    return refuse("issuance.email-refused", "the e-mail address is not an ASCII mailbox");
  }
  if (!isDigits(order.subjectSerial, 16) || !isDigits(order.permitLastFour, 4)) {
    return refuse("issuance.order-refused",
                  "the subject's serial has 16 digits and the permit's end four");
  }
  return {};
}

bool addSubject(X509* certificate, const CertificateOrder& order) {
  X509_NAME* const name = X509_get_subject_name(certificate);
  const bool person = order.use != CertificateUse::CardAuthentication;
  return addAttribute(name, NID_countryName, "TW") &&
         addAttribute(name, NID_commonName, commonNameOf(order.commonName)) &&
         (!person || addAttribute(name, NID_serialNumber, order.subjectSerial));
}

bool addHolderExtensions(X509* certificate, X509* issuer, const CertificateOrder& order, bool rsa) {
  const bool person = order.use != CertificateUse::CardAuthentication;
  return addKeyUsage(certificate, usageOf(order.use, rsa)) &&
         addPolicy(certificate, trust::kAssuranceLevel3Policy) &&
         (!person || addSubjectDirectoryAttributes(certificate, order.permitLastFour)) &&
         (!person || order.email.empty() || addEmail(certificate, order.email)) &&
         addAuthorityInformation(certificate, ocspUrl(order.baseUrl), issuerUrl(order.baseUrl)) &&
         addCrlDistributionPoint(certificate, crlUrl(order.baseUrl, order.crlShard)) &&
         addKeyIdentifiers(certificate, issuer);
}

bool endsAfter(X509* issuer, Time time) {
  time_t seconds = std::chrono::system_clock::to_time_t(time);
  return X509_cmp_time(X509_get0_notAfter(issuer), &seconds) > 0;
}

std::string underBase(std::string baseUrl, const std::string& path) {
  while (baseUrl.ends_with('/')) {
    baseUrl.pop_back();
  }
  return baseUrl + path;
}

}  // namespace

std::string ocspUrl(const std::string& baseUrl) {
  return underBase(baseUrl, "/ocsp");
}
std::string issuerUrl(const std::string& baseUrl) {
  return underBase(baseUrl, "/ca/issuing.cer");
}
std::string crlUrl(const std::string& baseUrl, unsigned shard) {
  return underBase(baseUrl, "/crl/" + std::to_string(shard) + ".crl");
}

struct Authority::State {
  hsm::Hsm& hsm;
  AuthorityCertificates certificates;
  LazySigner issuing;
  LazySigner operators;
};

Authority::Authority(hsm::Hsm& hsm, AuthorityCertificates certificates)
    : state_(new State{hsm, std::move(certificates), {}, {}}) {}

Authority::~Authority() = default;

const AuthorityCertificates& Authority::certificates() const {
  return state_->certificates;
}

Result<IssuedCertificate> Authority::issue(const CertificateOrder& order) {
  if (auto good = checkOrder(order); !good) {
    return tl::unexpected(good.error());
  }
  const auto key = readPublicKey(order.publicKey);
  if (!key) {
    return tl::unexpected(key.error());
  }
  const auto signer = state_->issuing.get(state_->hsm, state_->certificates.issuing, kIssuingKey);
  if (!signer) {
    return tl::unexpected(signer.error());
  }
  X509* const issuer = (*signer)->certificate.get();
  const Time notAfter = yearsAfter(order.notBefore, kHolderYears);
  if (!endsAfter(issuer, notAfter)) {
    return refuse("issuance.issuer-expires", "the issuing CA ends before the certificate would");
  }
  const auto certificate = beginCertificate(key->key.get(), issuer, order.notBefore, notAfter);
  if (!certificate || !addSubject(certificate.get(), order) ||
      !addHolderExtensions(certificate.get(), issuer, order, key->rsa)) {
    return hsmFailed(trust::openssl::takeErrors());
  }
  return lintAndSign(certificate.get(), **signer, profileOf(order.use));
}

Result<IssuedCertificate> Authority::issueOperator(const std::string& name, const std::string& role,
                                                   const Bytes& publicKey,
                                                   const std::vector<std::string>& hostNames,
                                                   Time now) {
  if (characters(name) == 0 || characters(role) == 0) {
    return refuse("issuance.name-refused", "the operator's name or role is empty or not UTF-8");
  }
  const auto key = readPublicKey(publicKey);
  if (!key) {
    return tl::unexpected(key.error());
  }
  const auto signer =
      state_->operators.get(state_->hsm, state_->certificates.operators, kOperatorsKey);
  if (!signer) {
    return tl::unexpected(signer.error());
  }
  X509* const issuer = (*signer)->certificate.get();
  const Time notAfter = yearsAfter(now, kOperatorYears);
  if (!endsAfter(issuer, notAfter)) {
    return refuse("issuance.issuer-expires", "the operators' CA ends before the certificate would");
  }
  const bool serverCertificate = !hostNames.empty();
  const auto certificate = beginCertificate(key->key.get(), issuer, now, notAfter);
  if (!certificate) {
    return hsmFailed(trust::openssl::takeErrors());
  }
  const bool built =
      addAuthorityName(X509_get_subject_name(certificate.get()), role, commonNameOf(name)) &&
      addKeyUsage(certificate.get(), {KeyUsageBit::DigitalSignature}) &&
      addExtendedKeyUsage(certificate.get(),
                          serverCertificate ? NID_server_auth : NID_client_auth) &&
      (!serverCertificate || addHosts(certificate.get(), hostNames)) &&
      addKeyIdentifiers(certificate.get(), issuer);
  if (!built) {
    return hsmFailed(trust::openssl::takeErrors());
  }
  return lintAndSign(certificate.get(), **signer,
                     serverCertificate ? Profile::OperatorServer : Profile::OperatorClient);
}

}  // namespace fncard::server::issuance

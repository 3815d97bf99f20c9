// SPDX-License-Identifier: Apache-2.0
#include "trust/certificate.h"
#include "trust/openssl.h"

namespace fncard::trust {
namespace {

using openssl::CertificatesPointer;
using openssl::decodedCertificate;
using openssl::FreeWith;
using openssl::X509Pointer;

constexpr std::size_t kMostCertificates = 64;

/// Certificates that cannot be read are an error: a path must not depend on what is left out.
Result<CertificatesPointer> stackOf(const std::vector<Bytes>& certificates) {
  CertificatesPointer stack(sk_X509_new_null());
  if (!stack || certificates.size() > kMostCertificates) {
    return tl::unexpected(Error{ErrorCode::Malformed, "more than 64 certificates of authorities"});
  }
  for (const Bytes& der : certificates) {
    X509Pointer certificate = decodedCertificate(der);
    if (!certificate || sk_X509_push(stack.get(), certificate.get()) <= 0) {
      (void)openssl::takeErrors();
      return tl::unexpected(
          Error{ErrorCode::Malformed, "a certificate of an authority cannot be read"});
    }
    (void)certificate.release();
  }
  return stack;
}

ErrorCode codeOf(int error) {
  switch (error) {
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return ErrorCode::NotYetValid;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return ErrorCode::Expired;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return ErrorCode::SignatureWrong;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return ErrorCode::UnsupportedAlgorithm;
    case X509_V_ERR_NO_EXPLICIT_POLICY:
      return ErrorCode::WrongAssuranceLevel;
    default:
      return ErrorCode::ChainIncomplete;
  }
}

/// The policy may be null: any.
Result<void> verifyPath(const Certificate& certificate, const std::vector<Bytes>& intermediates,
                        const std::vector<Bytes>& roots, Time at, const char* policy) {
  const X509Pointer leaf = decodedCertificate(certificate.der);
  const auto untrusted = stackOf(intermediates);
  const auto trusted = stackOf(roots);
  if (!leaf || !untrusted || !trusted) {
    return tl::unexpected(!untrusted ? untrusted.error()
                          : !trusted ? trusted.error()
                                     : Error{ErrorCode::Malformed, "the certificate"});
  }
  const std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>> store(X509_STORE_new());
  const std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>> context(
      X509_STORE_CTX_new());
  if (!store || !context ||
      X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), untrusted->get()) != 1) {
    return tl::unexpected(Error{ErrorCode::ChainIncomplete, openssl::takeErrors()});
  }
  X509_STORE_CTX_set0_trusted_stack(context.get(), trusted->get());
  X509_VERIFY_PARAM* const parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(parameters, std::chrono::system_clock::to_time_t(at));
  X509_VERIFY_PARAM_set_depth(parameters, 8);
  // 112 bits, whatever this machine's openssl.cnf says: RSA-2048 and SHA-256 pass, SHA-1 does not
  X509_VERIFY_PARAM_set_auth_level(parameters, 2);
  // an authority's policy constraints hold for whoever asks for no policy too (RFC 5280 §6.1.5)
  X509_VERIFY_PARAM_add0_policy(parameters, policy != nullptr
                                                ? OBJ_txt2obj(policy, 1)
                                                : OBJ_dup(OBJ_nid2obj(NID_any_policy)));
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_POLICY_CHECK);
  if (policy != nullptr) {
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_EXPLICIT_POLICY);
  }
  const bool good = X509_verify_cert(context.get()) == 1;
  (void)openssl::takeErrors();
  if (!good) {
    const int error = X509_STORE_CTX_get_error(context.get());
    return tl::unexpected(
        Error{codeOf(error), std::string(X509_verify_cert_error_string(error)) + " at depth " +
                                 std::to_string(X509_STORE_CTX_get_error_depth(context.get()))});
  }
  return {};
}

}  // namespace

bool isIssuedBy(const Certificate& certificate, const Bytes& issuerDer) {
  const X509Pointer subject = decodedCertificate(certificate.der);
  const X509Pointer issuer = decodedCertificate(issuerDer);
  EVP_PKEY* const key = issuer ? X509_get0_pubkey(issuer.get()) : nullptr;
  const bool is = subject && key != nullptr &&
                  X509_NAME_cmp(X509_get_issuer_name(subject.get()),
                                X509_get_subject_name(issuer.get())) == 0 &&
                  X509_verify(subject.get(), key) == 1;
  (void)openssl::takeErrors();
  return is;
}

Result<void> verifyChain(const Certificate& certificate, const std::vector<Bytes>& intermediates,
                         const std::vector<Bytes>& roots, Time at) {
  return verifyPath(certificate, intermediates, roots, at, nullptr);
}

Result<void> verifyPolicy(const Certificate& certificate, const std::vector<Bytes>& intermediates,
                          const std::vector<Bytes>& roots, Time at, const char* policy) {
  return verifyPath(certificate, intermediates, roots, at, policy);
}

}  // namespace fncard::trust

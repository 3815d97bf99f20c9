// SPDX-License-Identifier: Apache-2.0
#include "trust/signed_message.h"

#include <openssl/cms.h>
#include <openssl/ess.h>

#include <array>

#include "trust/openssl.h"

namespace fncard::trust {
namespace {

using openssl::BioPointer;
using openssl::FreeWith;

using MessagePointer = std::unique_ptr<CMS_ContentInfo, FreeWith<CMS_ContentInfo_free>>;

constexpr std::size_t kLargestMessage = 16UL * 1024 * 1024;
constexpr std::size_t kLargestContent = 1024UL * 1024 * 1024;
constexpr int kMostCertificates = 64;  // verifyChain takes no more
constexpr int kMostSigners = 16;       // each hashes the content anew
constexpr unsigned char kSequence = 0x30;
/// Of CMS_signed_get0_data_by_OBJ: there once, with one value.
constexpr int kOnlyOne = -3;

tl::unexpected<Error> refused(ErrorCode code, const std::string& why) {
  (void)openssl::takeErrors();
  return tl::unexpected(Error{code, why});
}

template <typename T>
const T* attribute(CMS_SignerInfo* signer, int nid, int type) {
  return static_cast<const T*>(
      CMS_signed_get0_data_by_OBJ(signer, OBJ_nid2obj(nid), kOnlyOne, type));
}

/// The attribute's value, read as one object of the type.
template <typename Pointer, auto Decode>
Pointer inAttribute(CMS_SignerInfo* signer, int nid) {
  const auto* value = attribute<ASN1_STRING>(signer, nid, V_ASN1_SEQUENCE);
  if (value == nullptr) {
    return nullptr;
  }
  const unsigned char* const data = ASN1_STRING_get0_data(value);
  return openssl::decoded<Pointer, Decode>(Bytes(data, data + ASN1_STRING_length(value)));
}

bool hasAttribute(CMS_SignerInfo* signer, int nid) {
  return CMS_signed_get_attr_by_NID(signer, nid, -1) >= 0;
}

std::optional<Time> signingTimeOf(CMS_SignerInfo* signer) {
  for (const int type : {V_ASN1_UTCTIME, V_ASN1_GENERALIZEDTIME}) {
    if (const auto* time = attribute<ASN1_TIME>(signer, NID_pkcs9_signingTime, type)) {
      return openssl::timeOf(time);
    }
  }
  return std::nullopt;
}

int nidOf(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  return OBJ_obj2nid(object);
}

/// The digest, when it is one of those that are taken and the signature's algorithm names no other.
const EVP_MD* digestOf(const X509_ALGOR* digest, const X509_ALGOR* signature) {
  const int nid = nidOf(digest);
  int signatureDigest = NID_undef;
  (void)OBJ_find_sigid_algs(nidOf(signature), &signatureDigest, nullptr);
  const bool taken = nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512;
  return taken && (signatureDigest == NID_undef || signatureDigest == nid)
             ? EVP_get_digestbynid(nid)
             : nullptr;
}

bool isTaken(const EVP_PKEY* key) {
  const int kind = key != nullptr ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;
  return kind == EVP_PKEY_RSA || kind == EVP_PKEY_RSA_PSS || kind == EVP_PKEY_EC;
}

/// Content that is one DER SET may be the attributes of another message whose signature was moved
/// here, to a SignerInfo without attributes.
bool readsAsAttributes(const Bytes& content) {
  const unsigned char* next = content.data();
  long size = 0;
  int tag = 0;
  int tagClass = 0;
  return !content.empty() &&
         ASN1_get_object(&next, &size, &tag, &tagClass, static_cast<long>(content.size())) ==
             V_ASN1_CONSTRUCTED &&
         tag == V_ASN1_SET && next + size == content.data() + content.size();
}

/// RFC 5652 §5.3: the attributes name the content's type; only data may go without attributes.
bool attributesFit(CMS_SignerInfo* signer, const ASN1_OBJECT* contentType, const Bytes& content) {
  if (CMS_signed_get_attr_count(signer) < 0) {
    return OBJ_obj2nid(contentType) == NID_pkcs7_data && !readsAsAttributes(content);
  }
  const auto* type = attribute<ASN1_OBJECT>(signer, NID_pkcs9_contentType, V_ASN1_OBJECT);
  return type != nullptr && OBJ_cmp(type, contentType) == 0;
}

/// A signer who named their certificate (RFC 5035) meant this one: issuer and number of a
/// SignerInfo are not signed, and a key may have several certificates.
bool meansCertificate(CMS_SignerInfo* signer, X509* certificate) {
  using FirstPointer = std::unique_ptr<ESS_SIGNING_CERT, FreeWith<ESS_SIGNING_CERT_free>>;
  using SecondPointer = std::unique_ptr<ESS_SIGNING_CERT_V2, FreeWith<ESS_SIGNING_CERT_V2_free>>;
  const bool hasFirst = hasAttribute(signer, NID_id_smime_aa_signingCertificate);
  const bool hasSecond = hasAttribute(signer, NID_id_smime_aa_signingCertificateV2);
  if (!hasFirst && !hasSecond) {
    return true;
  }
  const auto first =
      inAttribute<FirstPointer, d2i_ESS_SIGNING_CERT>(signer, NID_id_smime_aa_signingCertificate);
  const auto second = inAttribute<SecondPointer, d2i_ESS_SIGNING_CERT_V2>(
      signer, NID_id_smime_aa_signingCertificateV2);
  const openssl::CertificatesPointer chain(sk_X509_new_null());
  if (!chain || hasFirst != (first != nullptr) || hasSecond != (second != nullptr) ||
      X509_up_ref(certificate) != 1 || sk_X509_push(chain.get(), certificate) <= 0) {
    return false;
  }
  return OSSL_ESS_check_signing_certs(first.get(), second.get(), chain.get(), 1) == 1;
}

/// The signature is over the attributes, which hold the content's digest, or over the content.
bool signatureFits(CMS_SignerInfo* signer, const EVP_MD* digest, const Bytes& content) {
  const std::unique_ptr<BIO, FreeWith<BIO_free_all>> hashed(BIO_new(BIO_f_md()));
  BIO* const bytes =
      BIO_new_mem_buf(content.empty() ? "" : static_cast<const void*>(content.data()),
                      static_cast<int>(content.size()));
  if (!hashed || bytes == nullptr || BIO_set_md(hashed.get(), digest) != 1) {
    BIO_free(bytes);
    return false;
  }
  BIO_push(hashed.get(), bytes);
  std::array<char, 4096> part{};
  while (BIO_read(hashed.get(), part.data(), static_cast<int>(part.size())) > 0) {
  }
  return (CMS_signed_get_attr_count(signer) < 0 || CMS_SignerInfo_verify(signer) == 1) &&
         CMS_SignerInfo_verify_content(signer, hashed.get()) == 1;
}

Result<void> checkSignature(CMS_SignerInfo* signer, const ASN1_OBJECT* contentType,
                            const Bytes& content) {
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  X509_ALGOR* digestAlgorithm = nullptr;
  X509_ALGOR* signatureAlgorithm = nullptr;
  CMS_SignerInfo_get0_algs(signer, &key, &certificate, &digestAlgorithm, &signatureAlgorithm);
  if (certificate == nullptr) {
    return refused(ErrorCode::SignerMissing, "the signer's certificate is not in the message");
  }
  const EVP_MD* const digest = digestOf(digestAlgorithm, signatureAlgorithm);
  if (digest == nullptr || !isTaken(key)) {
    return refused(ErrorCode::UnsupportedAlgorithm,
                   "only RSA and ECDSA with SHA-256, SHA-384 or SHA-512 are taken");
  }
  if (!attributesFit(signer, contentType, content)) {
    return refused(ErrorCode::SignatureWrong,
                   "the signed attributes do not belong to this content");
  }
  if (!meansCertificate(signer, certificate)) {
    return refused(ErrorCode::SignatureWrong, "the signer named another certificate");
  }
  if (!signatureFits(signer, digest, content)) {
    return refused(ErrorCode::SignatureWrong,
                   "the signature is not of this certificate's key over this content");
  }
  return {};
}

Signer signerOf(CMS_SignerInfo* info, const ASN1_OBJECT* contentType, const Bytes& content) {
  Signer signer;
  X509* certificate = nullptr;
  CMS_SignerInfo_get0_algs(info, nullptr, &certificate, nullptr, nullptr);
  if (certificate != nullptr) {
    auto read = Certificate::read(openssl::encoded<i2d_X509>(certificate));
    if (!read) {
      signer.signature = tl::unexpected(read.error());
      return signer;
    }
    signer.certificate = *std::move(read);
  }
  signer.signingTime = signingTimeOf(info);
  signer.signature = checkSignature(info, contentType, content);
  (void)openssl::takeErrors();
  return signer;
}

MessagePointer decodedMessage(const Bytes& bytes) {
  if (bytes.empty() || bytes.size() > kLargestMessage) {
    return nullptr;
  }
  if (bytes.front() == kSequence) {
    return openssl::decoded<MessagePointer, d2i_CMS_ContentInfo>(bytes);
  }
  const auto der = openssl::pemBlock(bytes, {"CMS", "PKCS7"});
  return der ? openssl::decoded<MessagePointer, d2i_CMS_ContentInfo>(*der) : nullptr;
}

/// The content to judge: the caller's, else the message's own.
std::optional<Bytes> contentOf(CMS_ContentInfo* message, const std::optional<Bytes>& given) {
  ASN1_OCTET_STRING** const own = CMS_get0_content(message);
  if (given || own == nullptr || *own == nullptr) {
    return given;
  }
  const unsigned char* const data = ASN1_STRING_get0_data(*own);
  return Bytes(data, data + ASN1_STRING_length(*own));
}

}  // namespace

Result<SignedMessage> SignedMessage::read(const Bytes& message,
                                          const std::optional<Bytes>& content) {
  const MessagePointer cms = decodedMessage(message);
  if (content && content->size() > kLargestContent) {
    return refused(ErrorCode::Malformed, "the content is larger than 1 GiB");
  }
  if (!cms || OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_pkcs7_signed) {
    return refused(ErrorCode::Malformed, "not a CMS SignedData of at most 16 MiB");
  }
  const openssl::CertificatesPointer certificates(CMS_get1_certs(cms.get()));
  STACK_OF(CMS_SignerInfo)* const infos = CMS_get0_SignerInfos(cms.get());
  const int certificateCount = certificates ? sk_X509_num(certificates.get()) : 0;
  const int signerCount = infos != nullptr ? sk_CMS_SignerInfo_num(infos) : 0;
  if (certificateCount > kMostCertificates || signerCount > kMostSigners) {
    return refused(ErrorCode::Malformed, "more than 16 signers or 64 certificates");
  }
  if (signerCount <= 0) {
    return refused(ErrorCode::NoSigner, "nobody signed the message");
  }
  auto judged = contentOf(cms.get(), content);
  if (!judged) {
    return refused(ErrorCode::ContentMissing, "the message has no content of its own");
  }
  SignedMessage result;
  result.content = *std::move(judged);
  for (int i = 0; i < certificateCount; ++i) {
    result.certificates.push_back(openssl::encoded<i2d_X509>(sk_X509_value(certificates.get(), i)));
  }
  (void)CMS_set1_signers_certs(cms.get(), nullptr, 0);
  const ASN1_OBJECT* const contentType = CMS_get0_eContentType(cms.get());
  for (int i = 0; i < signerCount; ++i) {
    result.signers.push_back(
        signerOf(sk_CMS_SignerInfo_value(infos, i), contentType, result.content));
  }
  (void)openssl::takeErrors();
  return result;
}

}  // namespace fncard::trust

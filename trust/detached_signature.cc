// SPDX-License-Identifier: Apache-2.0
#include "trust/detached_signature.h"

#include <openssl/cms.h>

#include <algorithm>

#include "trust/openssl.h"

namespace fncard::trust {
namespace {

using openssl::FreeWith;

using MessagePointer = std::unique_ptr<CMS_ContentInfo, FreeWith<CMS_ContentInfo_free>>;

constexpr std::size_t kSha256Size = 32;

tl::unexpected<Error> failed(const std::string& what) {
  return tl::unexpected(Error{ErrorCode::Malformed, what + ": " + openssl::takeErrors()});
}

bool addAttributes(CMS_SignerInfo* signer, const Bytes& contentDigest, Time signingTime) {
  const openssl::TimePointer time(
      ASN1_TIME_set(nullptr, std::chrono::system_clock::to_time_t(signingTime)));
  return time &&
         CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_contentType, V_ASN1_OBJECT,
                                     OBJ_nid2obj(NID_pkcs7_data), -1) == 1 &&
         CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_signingTime, time->type, time.get(), -1) ==
             1 &&
         CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING,
                                     contentDigest.data(),
                                     static_cast<int>(contentDigest.size())) == 1;
}

/// What is signed: the attributes as a DER SET OF (RFC 5652 §5.4), in the order of their encodings
/// (X.690 §11.6).
Bytes encodedAttributes(CMS_SignerInfo* signer) {
  std::vector<Bytes> attributes;
  for (int i = 0; i < CMS_signed_get_attr_count(signer); ++i) {
    attributes.push_back(openssl::encoded<i2d_X509_ATTRIBUTE>(CMS_signed_get_attr(signer, i)));
  }
  std::ranges::sort(attributes);
  Bytes contents;
  for (const Bytes& attribute : attributes) {
    contents.insert(contents.end(), attribute.begin(), attribute.end());
  }
  const int size = static_cast<int>(contents.size());
  Bytes set(static_cast<std::size_t>(ASN1_object_size(1, size, V_ASN1_SET)) - contents.size());
  unsigned char* next = set.data();
  ASN1_put_object(&next, 1, size, V_ASN1_SET, V_ASN1_UNIVERSAL);
  set.insert(set.end(), contents.begin(), contents.end());
  return set;
}

}  // namespace

Result<Bytes> makeDetachedSignature(const Bytes& certificate, const Bytes& contentDigest,
                                    Time signingTime, const SignWithSha256& sign) {
  const auto x509 = openssl::decodedCertificate(certificate);
  EVP_PKEY* const publicKey = x509 ? X509_get0_pubkey(x509.get()) : nullptr;
  if (publicKey == nullptr || contentDigest.size() != kSha256Size) {
    return failed("no certificate with a key, or no SHA-256 digest");
  }
  constexpr unsigned kFlags = CMS_DETACHED | CMS_PARTIAL | CMS_BINARY | CMS_NOSMIMECAP | CMS_CADES;
  const MessagePointer message(CMS_sign(nullptr, nullptr, nullptr, nullptr, kFlags));
  // the public key is enough until something is to be signed, which is done elsewhere
  CMS_SignerInfo* const signer =
      message ? CMS_add1_signer(message.get(), x509.get(), publicKey, EVP_sha256(), kFlags)
              : nullptr;
  if (signer == nullptr || !addAttributes(signer, contentDigest, signingTime)) {
    return failed("the message cannot be made");
  }
  const auto signature = sign(encodedAttributes(signer));
  if (!signature) {
    return tl::unexpected(signature.error());
  }
  if (ASN1_STRING_set(CMS_SignerInfo_get0_signature(signer), signature->data(),
                      static_cast<int>(signature->size())) != 1) {
    return failed("the signature cannot be put in");
  }
  Bytes der = openssl::encoded<i2d_CMS_ContentInfo>(message.get());
  if (der.empty()) {
    return failed("the message cannot be written");
  }
  return der;
}

}  // namespace fncard::trust

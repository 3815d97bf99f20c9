// SPDX-License-Identifier: Apache-2.0
#include "documents/encryption.h"

#include <openssl/cms.h>
#include <openssl/rsa.h>

#include "documents/file.h"
#include "trust/openssl.h"

namespace fncard::documents {
namespace {

using trust::openssl::FreeWith;

using MessagePointer = std::unique_ptr<CMS_ContentInfo, FreeWith<CMS_ContentInfo_free>>;

constexpr std::size_t kMostRecipients = 16;

tl::unexpected<trust::Error> no(trust::ErrorCode code, const std::string& what) {
  return tl::unexpected(trust::Error{code, what + ": " + trust::openssl::takeErrors()});
}

bool useOaep(CMS_RecipientInfo* recipient) {
  EVP_PKEY_CTX* const context = CMS_RecipientInfo_get0_pkey_ctx(recipient);
  return context != nullptr && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1;
}

bool useEcdh(CMS_RecipientInfo* recipient) {
  EVP_PKEY_CTX* const context = CMS_RecipientInfo_get0_pkey_ctx(recipient);
  EVP_CIPHER_CTX* const wrap = CMS_RecipientInfo_kari_get0_ctx(recipient);
  return context != nullptr && wrap != nullptr &&
         EVP_PKEY_CTX_set_ecdh_kdf_md(context, EVP_sha256()) == 1 &&
         EVP_EncryptInit_ex(wrap, EVP_aes_256_wrap(), nullptr, nullptr, nullptr) == 1;
}

trust::Result<void> addRecipient(CMS_ContentInfo* message, const Bytes& der) {
  const auto certificate = trust::openssl::decodedCertificate(der);
  if (!certificate) {
    return no(trust::ErrorCode::Malformed, "a recipient's certificate");
  }
  CMS_RecipientInfo* const recipient =
      CMS_add1_recipient_cert(message, certificate.get(), CMS_KEY_PARAM);
  if (recipient == nullptr) {
    return no(trust::ErrorCode::UnsupportedAlgorithm, "a recipient's key");
  }
  const bool set = CMS_RecipientInfo_type(recipient) == CMS_RECIPINFO_AGREE ? useEcdh(recipient)
                                                                            : useOaep(recipient);
  return set ? trust::Result<void>()
             : no(trust::ErrorCode::UnsupportedAlgorithm, "a recipient's key");
}

}  // namespace

trust::Result<Bytes> encrypt(const Bytes& content, const std::vector<Bytes>& recipients) {
  if (recipients.empty() || recipients.size() > kMostRecipients) {
    return no(trust::ErrorCode::Malformed, "1 to 16 recipients");
  }
  const MessagePointer message(CMS_AuthEnvelopedData_create(EVP_aes_256_gcm()));
  const trust::openssl::BioPointer input(
      BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
  if (!message || !input) {
    return no(trust::ErrorCode::Malformed, "no message");
  }
  for (const Bytes& recipient : recipients) {
    if (auto added = addRecipient(message.get(), recipient); !added) {
      return tl::unexpected(added.error());
    }
  }
  if (CMS_set_detached(message.get(), 0) != 1 ||
      CMS_final(message.get(), input.get(), nullptr, CMS_BINARY) != 1) {
    return no(trust::ErrorCode::Malformed, "the message");
  }
  Bytes der = trust::openssl::encoded<i2d_CMS_ContentInfo>(message.get());
  return der.empty() ? no(trust::ErrorCode::Malformed, "the message")
                     : trust::Result<Bytes>(std::move(der));
}

}  // namespace fncard::documents

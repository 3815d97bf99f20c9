// SPDX-License-Identifier: Apache-2.0
#include "server/activation/card_proof.h"

#include <algorithm>

#include "server/activation/receipt.h"
#include "server/store/errors.h"
#include "trust/certificate.h"

namespace fncard::server::activation {
namespace {

Result<trust::Certificate> certificateOf(store::ActivationStore& store,
                                         const std::string& cardNumber, store::CertificateUse use) {
  const auto certificates = store.certificatesOfCard(cardNumber);
  if (!certificates) {
    return store::asError(certificates.error());
  }
  const auto found = std::ranges::find(*certificates, use, &store::Certificate::use);
  if (found == certificates->end()) {
    return failed("a mailed card has no such certificate");
  }
  auto read = trust::Certificate::read(found->der);
  if (!read) {
    return failed("the store has a certificate that is none");
  }
  return *std::move(read);
}

}  // namespace

Result<bool> isCardProof(store::ActivationStore& store, const Challenge& challenge,
                         std::string_view purpose, const store::Bytes& signature) {
  const auto certificate =
      certificateOf(store, challenge.cardNumber, store::CertificateUse::CardAuthentication);
  if (!certificate) {
    return tl::unexpected(certificate.error());
  }
  store::Bytes data(purpose.begin(), purpose.end());
  data.insert(data.end(), challenge.transaction.begin(), challenge.transaction.end());
  data.insert(data.end(), challenge.nonce.begin(), challenge.nonce.end());
  data.insert(data.end(), challenge.cardNumber.begin(), challenge.cardNumber.end());
  return trust::verifySignature(certificate->publicKey, data, signature).has_value();
}

Result<bool> isSignedReceipt(store::ActivationStore& store, const Challenge& challenge,
                             const store::Bytes& receipt, const store::Bytes& signature) {
  const auto signing = certificateOf(store, challenge.cardNumber, store::CertificateUse::Signature);
  const auto encryption =
      certificateOf(store, challenge.cardNumber, store::CertificateUse::KeyManagement);
  if (!signing || !encryption) {
    return tl::unexpected(!signing ? signing.error() : encryption.error());
  }
  return isReceipt(receipt, challenge, signing->der, encryption->der) &&
         trust::verifySignature(signing->publicKey, receipt, signature).has_value();
}

}  // namespace fncard::server::activation

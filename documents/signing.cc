// SPDX-License-Identifier: Apache-2.0
#include "documents/signing.h"

#include <chrono>
#include <utility>

#include "card/certificate_key.h"
#include "trust/certificate.h"
#include "trust/detached_signature.h"

namespace fncard::documents {
namespace {

using card::KeyRole;

std::string problemOf(const card::Error& error) {
  return std::string(card::messageCode(error.code));
}

}  // namespace

tl::expected<SigningCard, std::string> findSigningCard(card::ReaderService& readers,
                                                       const std::string& readerName) {
  SigningCard found;
  auto opened = card::openAnyCard(readers, readerName);
  if (!opened) {
    return tl::unexpected(problemOf(opened.error()));
  }
  found.card = std::move(*opened);
  const auto application = found.card->begin();
  if (!application) {
    return tl::unexpected(problemOf(application.error()));
  }
  auto certificate = (*application)->readCertificate(KeyRole::Signature);
  if (!certificate) {
    return tl::unexpected(problemOf(certificate.error()));
  }
  const auto key = card::keyAlgorithmOfCertificate(*certificate);
  const auto read = trust::Certificate::read(*certificate);
  if (!key || !read) {
    return tl::unexpected(std::string(key ? trust::messageCode(read.error().code)
                                          : card::messageCode(key.error().code)));
  }
  const auto pin = (*application)->pinStatus();
  if (!pin) {
    return tl::unexpected(problemOf(pin.error()));
  }
  found.certificate = std::move(*certificate);
  found.key = *key;
  found.holder = read->commonName;
  found.pin = *pin;
  return found;
}

card::Result<Bytes> sign(SigningCard& card, const card::Pin& pin, card::Hash hash,
                         const Bytes& digest) {
  const auto application = card.card->begin();
  if (!application) {
    return tl::unexpected(application.error());
  }
  const auto status = (*application)->pinStatus();
  if (!status) {
    return tl::unexpected(status.error());
  }
  if (status->triesLeft == 1U && card.pin.triesLeft != 1U) {
    return card::failed(card::ErrorCode::LastTryNotConfirmed, "tries were spent meanwhile");
  }
  if (const auto verified = (*application)->verifyPin(pin); !verified) {
    return tl::unexpected(verified.error());
  }
  return (*application)
      ->sign(KeyRole::Signature, card.key, card::signatureInput(card.key, hash, digest));
}

card::Result<Bytes> signDocument(SigningCard& card, const card::Pin& pin, const Bytes& sha256) {
  card::Error trouble{.detail = "the CMS message could not be made"};
  auto message = trust::makeDetachedSignature(
      card.certificate, sha256, std::chrono::system_clock::now(),
      [&](const Bytes& attributes) -> trust::Result<Bytes> {
        auto signature =
            sign(card, pin, card::Hash::Sha256, card::digestOf(card::Hash::Sha256, attributes));
        if (!signature) {
          trouble = signature.error();
          return tl::unexpected(trust::Error{trust::ErrorCode::SignatureWrong, trouble.detail});
        }
        return std::move(*signature);
      });
  if (!message) {
    return tl::unexpected(trouble);
  }
  return std::move(*message);
}

}  // namespace fncard::documents

// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/operations.h"

#include <chrono>
#include <memory>
#include <utility>

#include "agent/operations/raw_signature.h"
#include "card/card.h"
#include "card/certificate_key.h"
#include "trust/certificate.h"
#include "trust/detached_signature.h"

namespace fncard::agent::operations {
namespace {

using card::KeyRole;

/// The card as it was found before the person is asked.
struct Found {
  std::unique_ptr<card::Card> card;
  Bytes certificate;
  card::KeyAlgorithm key = card::KeyAlgorithm::Rsa2048;
  std::string holder;
  card::PinStatus pin;
};

/// A sentence's code: why it does not go on with this card now.
using Problem = std::string;

Problem problemOf(const card::Error& error) {
  return std::string(card::messageCode(error.code));
}

tl::expected<Found, Problem> look(card::ReaderService& readers) {
  Found found;
  auto opened = card::openAnyCard(readers);
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

/// What is in the way of this request on this card.
Problem problemWith(const Found& found, const Request& request) {
  if (const auto* const sign = std::get_if<SignHash>(&request.action);
      sign != nullptr && sign->certificate != found.certificate) {
    return "agent.other-certificate";
  }
  const bool wantsPin = !std::holds_alternative<ShareCertificate>(request.action);
  return wantsPin && found.pin.blocked ? std::string(card::messageCode(card::ErrorCode::PinBlocked))
                                       : Problem();
}

std::string hexadecimal(ByteView bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += {kDigits[byte >> 4U], kDigits[byte & 0xFU]};
  }
  return text;
}

Purpose purposeOf(const Request& request) {
  if (std::holds_alternative<SignHash>(request.action) ||
      std::holds_alternative<SignDocument>(request.action)) {
    return Purpose::Signature;
  }
  return std::holds_alternative<ShareCertificate>(request.action) ? Purpose::CertificateSharing
                                                                  : Purpose::Authentication;
}

/// Of the certificate's key: what a site expects (Web eID: the hash as strong as the curve).
card::Hash hashFor(card::KeyAlgorithm key) {
  return key == card::KeyAlgorithm::EcP384 ? card::Hash::Sha384 : card::Hash::Sha256;
}

ByteView bytesOf(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Web eID 1.0: the signature is over hash(origin) ‖ hash(nonce).
Bytes tokenDigest(const std::string& origin, const std::string& nonce, card::Hash hash) {
  Bytes both = card::digestOf(hash, bytesOf(origin));
  const Bytes ofNonce = card::digestOf(hash, bytesOf(nonce));
  both.insert(both.end(), ofNonce.begin(), ofNonce.end());
  return card::digestOf(hash, both);
}

struct ToSign {
  card::Hash hash;
  Bytes digest;
};

ToSign toSign(const Request& request, card::KeyAlgorithm key) {
  if (const auto* const sign = std::get_if<SignHash>(&request.action)) {
    return {.hash = sign->function, .digest = sign->hash};
  }
  const card::Hash hash = hashFor(key);
  return {.hash = hash,
          .digest = tokenDigest(request.origin.text(),
                                std::get<Authenticate>(request.action).challengeNonce, hash)};
}

/// In one transaction. LastTryNotConfirmed when the person was not told that it is the last one:
/// another program may have spent tries meanwhile.
card::Result<Bytes> sign(Found& found, const card::Pin& pin, const ToSign& what) {
  const auto application = found.card->begin();
  if (!application) {
    return tl::unexpected(application.error());
  }
  const auto status = (*application)->pinStatus();
  if (!status) {
    return tl::unexpected(status.error());
  }
  if (status->triesLeft == 1U && found.pin.triesLeft != 1U) {
    return card::failed(card::ErrorCode::LastTryNotConfirmed, "tries were spent meanwhile");
  }
  if (const auto verified = (*application)->verifyPin(pin); !verified) {
    return tl::unexpected(verified.error());
  }
  return (*application)
      ->sign(KeyRole::Signature, found.key,
             card::signatureInput(found.key, what.hash, what.digest));
}

card::Result<Bytes> signRaw(Found& found, const card::Pin& pin, const ToSign& what) {
  auto signature = sign(found, pin, what);
  return signature && !card::isRsa(found.key)
             ? rawEcdsaSignature(*signature, card::keySize(found.key))
             : std::move(signature);
}

card::Result<Bytes> signDocument(Found& found, const card::Pin& pin, const SignDocument& document) {
  card::Error trouble{.detail = "the CMS message could not be made"};
  auto message = trust::makeDetachedSignature(
      found.certificate, document.sha256, std::chrono::system_clock::now(),
      [&](const Bytes& attributes) -> trust::Result<Bytes> {
        auto signature = sign(
            found, pin,
            {.hash = card::Hash::Sha256, .digest = card::digestOf(card::Hash::Sha256, attributes)});
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

/// The answer's hash and signature.
card::Result<void> complete(Answer& answer, const Request& request, Found& found,
                            const card::Pin& pin) {
  card::Result<Bytes> signature;
  if (const auto* const document = std::get_if<SignDocument>(&request.action)) {
    signature = signDocument(found, pin, *document);
  } else {
    const ToSign what = toSign(request, found.key);
    answer.hash = what.hash;
    signature = signRaw(found, pin, what);
  }
  if (!signature) {
    return tl::unexpected(signature.error());
  }
  answer.signature = std::move(*signature);
  return {};
}

Question questionFor(const Request& request, const tl::expected<Found, Problem>& found,
                     const Problem& earlier) {
  Question question{.purpose = purposeOf(request), .origin = request.origin.text()};
  question.problem = !earlier.empty() ? earlier
                     : found          ? problemWith(*found, request)
                                      : found.error();
  if (!question.problem.empty()) {
    return question;
  }
  question.holder = found->holder;
  question.cardNumber = found->card->identity().cardNumber;
  question.triesLeft = found->pin.triesLeft;
  if (const auto* const hash = std::get_if<SignHash>(&request.action)) {
    question.fingerprint = hexadecimal(hash->hash);
  }
  if (const auto* const document = std::get_if<SignDocument>(&request.action)) {
    question.document = document->name;
    question.fingerprint = hexadecimal(document->sha256);
  }
  return question;
}

}  // namespace

Result<Answer> Operations::run(const Request& request, const std::stop_token& stop) {
  Problem earlier;
  bool wrongPinBefore = false;
  while (!stop.stop_requested()) {
    auto found = look(readers_);
    Question question = questionFor(request, found, earlier);
    question.wrongPinBefore = wrongPinBefore && question.wantsPin();
    const auto consent = person_.ask(question, stop);
    if (!consent) {
      return tl::unexpected(consent.error());
    }
    earlier.clear();
    wrongPinBefore = false;
    if (!question.problem.empty()) {
      continue;
    }
    Answer answer{.certificate = found->certificate, .key = found->key};
    if (!question.wantsPin()) {
      return answer;
    }
    if (!consent->pin) {
      return tl::unexpected(Refusal::Cancelled);
    }
    const auto done = complete(answer, request, *found, *consent->pin);
    if (done) {
      return answer;
    }
    wrongPinBefore = done.error().code == card::ErrorCode::PinIncorrect;
    const bool asksAgain =
        wrongPinBefore || done.error().code == card::ErrorCode::LastTryNotConfirmed;
    earlier = asksAgain ? Problem() : problemOf(done.error());
  }
  return tl::unexpected(Refusal::Cancelled);
}

}  // namespace fncard::agent::operations

// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/operations.h"

#include <utility>

#include "agent/operations/raw_signature.h"
#include "documents/signing.h"

namespace fncard::agent::operations {
namespace {

using documents::SigningCard;

/// A sentence's code: why it does not go on with this card now.
using Problem = std::string;

Problem problemOf(const card::Error& error) {
  return std::string(card::messageCode(error.code));
}

/// What is in the way of this request on this card.
Problem problemWith(const SigningCard& found, const Request& request) {
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

card::Result<Bytes> signRaw(SigningCard& found, const card::Pin& pin, const ToSign& what) {
  auto signature = documents::sign(found, pin, what.hash, what.digest);
  return signature && !card::isRsa(found.key)
             ? rawEcdsaSignature(*signature, card::keySize(found.key))
             : std::move(signature);
}

/// The answer's hash and signature.
card::Result<void> complete(Answer& answer, const Request& request, SigningCard& found,
                            const card::Pin& pin) {
  card::Result<Bytes> signature;
  if (const auto* const document = std::get_if<SignDocument>(&request.action)) {
    signature = documents::signDocument(found, pin, document->sha256);
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

Question questionFor(const Request& request, const tl::expected<SigningCard, Problem>& found,
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
    auto found = documents::findSigningCard(readers_);
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

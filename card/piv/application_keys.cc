// SPDX-License-Identifier: Apache-2.0
// What the card's private keys do.
#include <new>
#include <utility>

#include "card/piv/application.h"
#include "card/piv/commands.h"
#include "card/piv/signature_check.h"
#include "card/piv/status.h"
#include "card/piv/wiped_command.h"

namespace fncard::card::piv {
namespace {

constexpr std::uint32_t kExponentiation = 0x85;
constexpr std::uint8_t kUncompressedPoint = 0x04;

/// ECDSA-Sig-Value (RFC 3279 §2.2.3) with two positive integers that can belong to the curve.
bool isEcdsaSignature(ByteView der, std::size_t size) {
  wire::TlvReader outer(der);
  const auto sequence = outer.next();
  if (!sequence || sequence->tag != 0x30 || !outer.atEnd()) {
    return false;
  }
  wire::TlvReader inner(sequence->value);
  for (int i = 0; i < 2; ++i) {
    const auto integer = inner.next();
    if (!integer || integer->tag != 0x02 || integer->value.empty() ||
        (integer->value.front() & 0x80U) != 0) {
      return false;
    }
    const bool zeroInFront = integer->value.front() == 0;
    if (integer->value.size() > size + (zeroInFront ? 1 : 0) ||
        (zeroInFront && integer->value.size() == 1)) {
      return false;
    }
  }
  return inner.atEnd();
}

/// The expected data object, in locked memory; the answer is wiped.
Result<SecretBytes> takeSecret(Result<wire::ResponseApdu> answer, std::size_t size) {
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  const auto part = templatePart(*answer, kDynamicAuthentication, kResponse);
  Result<SecretBytes> secret = failed(ErrorCode::Malformed, "answer of another size than the key");
  if (part && part->size() == size) {
    try {
      const auto offset = static_cast<std::size_t>(part->data() - answer->data.data());
      secret = SecretBytes::take(std::span(answer->data).subspan(offset, size));
    } catch (const std::bad_alloc&) {
      secret = failed(ErrorCode::Internal, "no locked memory");
    }
  }
  wipe(answer->data);
  return secret;
}

}  // namespace

Result<wire::ResponseApdu> PivApplication::authenticate(KeyRole role, KeyAlgorithm algorithm,
                                                        std::uint32_t tag, ByteView input) {
  Bytes parts = wire::encodeTlv(kResponse, {});
  wire::appendTlv(parts, tag, input);
  const std::size_t answerSize = isRsa(algorithm) ? keySize(algorithm) : 2 * keySize(algorithm);
  const WipedCommand operation(
      generalAuthenticate(algorithmId(algorithm), keyReference(role), parts, answerSize));
  auto answer = selection_.exchange(operation.command);
  if (answer && !answer->status.ok()) {
    const auto again = mayTryAgain(answer->status);
    if (!again) {
      return tl::unexpected(again.error());
    }
    if (*again) {
      answer = selection_.exchange(operation.command);
    }
  }
  if (answer && !answer->status.ok()) {
    return tl::unexpected(toError(answer->status, "GENERAL AUTHENTICATE", After::Protected));
  }
  return answer;
}

/// After a refused private-key operation: whether our application did not see it, or has lost the
/// PIN on the way; it has it again then.
Result<bool> PivApplication::mayTryAgain(wire::StatusWord status) {
  bool lost = status == wire::sw::kSecurityStatusNotSatisfied && accepted_;
  if (!selection_.confirmed()) {
    const auto ours = selection_.wasOurs();
    if (!ours) {
      return tl::unexpected(ours.error());
    }
    lost = lost || !*ours;
  }
  if (lost && accepted_) {
    const Pin pin = std::move(*accepted_);
    if (auto verified = verifyPin(pin); !verified) {
      return tl::unexpected(verified.error());
    }
  }
  return lost;
}

Result<Bytes> PivApplication::signUnchecked(KeyRole role, KeyAlgorithm algorithm, ByteView block) {
  const auto answer = authenticate(role, algorithm, kChallenge, block);
  if (!answer) {
    return tl::unexpected(answer.error());
  }
  if (role == KeyRole::Signature) {
    accepted_.reset();  // the next signature wants a PIN of its own
  }
  const auto signature = templatePart(*answer, kDynamicAuthentication, kResponse);
  if (!signature) {
    return tl::unexpected(signature.error());
  }
  const std::size_t size = keySize(algorithm);
  if (isRsa(algorithm) ? signature->size() != size : !isEcdsaSignature(*signature, size)) {
    return failed(ErrorCode::Malformed, "signature of the wrong form");
  }
  return Bytes(signature->begin(), signature->end());
}

/// Why the card refuses an operation: where the certificate came from the cache, its key may not be
/// the card's any more, and then the refusal is for that.
Error PivApplication::whyRefused(KeyRole role, Error refusal) {
  if (refusal.code != ErrorCode::CardFailed && refusal.code != ErrorCode::Unsupported &&
      refusal.code != ErrorCode::ObjectNotFound && refusal.code != ErrorCode::Malformed) {
    return refusal;
  }
  const auto confirmed = confirmCertificate(role);
  return confirmed ? refusal : confirmed.error();
}

/// Why the known certificate does not verify a signature. The certificate is read anew.
Error PivApplication::whyWrong(KeyRole role, KeyAlgorithm algorithm, ByteView block,
                               ByteView signature) {
  if (auto same = selection_.selectAgain(); !same) {
    return same.error();
  }
  state_->certificates.forget();
  const auto certificate = readCertificate(role);
  if (!certificate) {
    return certificate.error();
  }
  if (isSignatureOf(*certificate, algorithm, block, signature)) {
    // right, but not for those who were given the old certificate: they must look again
    return {.code = ErrorCode::CardRemoved, .detail = "the card has another certificate by now"};
  }
  return {.code = ErrorCode::CardFailed, .detail = "a signature that does not verify"};
}

Result<Bytes> PivApplication::sign(KeyRole role, KeyAlgorithm algorithm, ByteView input) {
  const std::size_t size = keySize(algorithm);
  const bool fits =
      isRsa(algorithm) ? input.size() == size : !input.empty() && input.size() <= size;
  if (!fits) {
    return failed(ErrorCode::Internal, "input of another size than the key");
  }
  // cards want a digest of the curve's size (SP 800-73-4 part 2 §3.2.4); zeros in front do not
  // change the number it stands for
  Bytes block(size - input.size());
  block.insert(block.end(), input.begin(), input.end());
  auto signature = signUnchecked(role, algorithm, block);
  if (!signature) {
    return tl::unexpected(whyRefused(role, std::move(signature).error()));
  }
  const Bytes* certificate = state_->certificates.find(role);
  if (certificate == nullptr || certificate->empty() ||
      isSignatureOf(*certificate, algorithm, block, *signature)) {
    return signature;
  }
  return tl::unexpected(whyWrong(role, algorithm, block, *signature));
}

Result<SecretBytes> PivApplication::decipher(KeyRole role, KeyAlgorithm algorithm, ByteView input) {
  const std::size_t size = keySize(algorithm);
  if (!isRsa(algorithm) || input.size() != size) {
    return failed(isRsa(algorithm) ? ErrorCode::Internal : ErrorCode::Unsupported,
                  "input of another size than the RSA key");
  }
  if (auto confirmed = confirmCertificate(role); !confirmed) {
    return tl::unexpected(confirmed.error());
  }
  return takeSecret(authenticate(role, algorithm, kChallenge, input), size);
}

Result<SecretBytes> PivApplication::agree(KeyRole role, KeyAlgorithm algorithm, ByteView point) {
  const std::size_t size = keySize(algorithm);
  if (isRsa(algorithm) || point.size() != 2 * size + 1 || point.front() != kUncompressedPoint) {
    return failed(isRsa(algorithm) ? ErrorCode::Unsupported : ErrorCode::Internal,
                  "not an uncompressed point of the key's curve");
  }
  if (auto confirmed = confirmCertificate(role); !confirmed) {
    return tl::unexpected(confirmed.error());
  }
  return takeSecret(authenticate(role, algorithm, kExponentiation, point), size);
}

}  // namespace fncard::card::piv

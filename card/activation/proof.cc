// SPDX-License-Identifier: Apache-2.0
#include "card/activation/proof.h"

#include <openssl/evp.h>

#include <array>
#include <ctime>
#include <nlohmann/json.hpp>

#include "card/certificate_key.h"
#include "card/signature_input.h"

namespace fncard::card::activation {
namespace {

std::string lowerHex(ByteView bytes) {
  std::string text = wire::toHex(bytes);
  for (char& c : text) {
    c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

std::string base64(ByteView bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends with a zero
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string utc(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

Bytes proofDigest(std::string_view purpose, const Begun& begun, const std::string& cardNumber) {
  Bytes bytes(purpose.begin(), purpose.end());
  bytes.insert(bytes.end(), begun.transaction.begin(), begun.transaction.end());
  bytes.insert(bytes.end(), begun.nonce.begin(), begun.nonce.end());
  bytes.insert(bytes.end(), cardNumber.begin(), cardNumber.end());
  return sha256(bytes);
}

Bytes receiptText(const Begun& begun, ByteView signatureCertificate,
                  ByteView keyManagementCertificate, std::chrono::system_clock::time_point time) {
  const nlohmann::json receipt{
      {"certificates",
       {lowerHex(sha256(signatureCertificate)), lowerHex(sha256(keyManagementCertificate))}},
      {"nonce", base64(begun.nonce)},
      {"time", utc(time)},
      {"transaction", begun.transaction}};
  const std::string text = receipt.dump();
  return {text.begin(), text.end()};
}

/// pin: verified directly before the signature; null for the key that wants none.
Result<Bytes> signWith(CardApplication& application, KeyRole role, ByteView certificate,
                       ByteView digest, const Pin* pin) {
  const auto algorithm = keyAlgorithmOfCertificate(certificate);
  if (!algorithm) {
    return tl::unexpected(algorithm.error());
  }
  if (pin != nullptr) {
    if (auto verified = application.verifyPin(*pin); !verified) {
      return tl::unexpected(verified.error());
    }
  }
  return application.sign(role, *algorithm, sha256SignatureInput(*algorithm, digest));
}

}  // namespace

Result<Bytes> signProof(Card& card, std::string_view purpose, const Begun& begun) {
  auto application = card.begin();
  if (!application) {
    return tl::unexpected(application.error());
  }
  auto certificate = (*application)->readCertificate(KeyRole::CardAuthentication);
  if (!certificate) {
    return certificate;
  }
  return signWith(**application, KeyRole::CardAuthentication, *certificate,
                  proofDigest(purpose, begun, card.identity().cardNumber), nullptr);
}

Result<Receipt> signReceipt(Card& card, const Begun& begun, const Pin& pin,
                            std::chrono::system_clock::time_point time) {
  auto application = card.begin();
  if (!application) {
    return tl::unexpected(application.error());
  }
  const auto signatureCertificate = (*application)->readCertificate(KeyRole::Signature);
  if (!signatureCertificate) {
    return tl::unexpected(signatureCertificate.error());
  }
  const auto keyManagementCertificate = (*application)->readCertificate(KeyRole::KeyManagement);
  if (!keyManagementCertificate) {
    return tl::unexpected(keyManagementCertificate.error());
  }
  Receipt receipt{.text =
                      receiptText(begun, *signatureCertificate, *keyManagementCertificate, time)};
  auto signature = signWith(**application, KeyRole::Signature, *signatureCertificate,
                            sha256(receipt.text), &pin);
  if (!signature) {
    return tl::unexpected(signature.error());
  }
  receipt.signature = *std::move(signature);
  return receipt;
}

}  // namespace fncard::card::activation

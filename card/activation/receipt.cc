// SPDX-License-Identifier: Apache-2.0
#include "card/activation/receipt.h"

#include <openssl/evp.h>

#include <array>
#include <ctime>
#include <nlohmann/json.hpp>

#include "card/signature_input.h"

namespace fncard::card::activation {
namespace {

constexpr std::string_view kProofLabel = "fncard activation 1";

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

}  // namespace

Bytes proofDigest(const Begun& begun, const std::string& cardNumber) {
  Bytes bytes(kProofLabel.begin(), kProofLabel.end());
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

}  // namespace fncard::card::activation

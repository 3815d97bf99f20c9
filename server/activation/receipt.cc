// SPDX-License-Identifier: Apache-2.0
#include "server/activation/receipt.h"

#include <algorithm>

#include "net/base64.h"
#include "server/base/hash.h"
#include "server/base/time.h"

namespace fncard::server::activation {
namespace {

std::string hashOf(const store::Bytes& certificate) {
  std::string hex = sha256Hex(certificate);
  std::ranges::transform(hex, hex.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return hex;
}

}  // namespace

// There is one right text but for the time, so it is written here and compared, not parsed.
bool isReceipt(const store::Bytes& receipt, const Challenge& challenge,
               const store::Bytes& signatureCertificate,
               const store::Bytes& keyManagementCertificate) {
  const std::string before = R"({"certificates":[")" + hashOf(signatureCertificate) + R"(",")" +
                             hashOf(keyManagementCertificate) + R"("],"nonce":")" +
                             net::encodeBase64(challenge.nonce) + R"(","time":")";
  const std::string behind = R"(","transaction":")" + challenge.transaction + R"("})";
  const std::string text(receipt.begin(), receipt.end());
  if (text.size() <= before.size() + behind.size() || !text.starts_with(before) ||
      !text.ends_with(behind)) {
    return false;
  }
  const std::string time = text.substr(before.size(), text.size() - before.size() - behind.size());
  return parseUtcText(time).has_value();
}

}  // namespace fncard::server::activation

// SPDX-License-Identifier: Apache-2.0
#include "server/hsm/hsm.h"

#include <openssl/crypto.h>

#include "server/hsm/hsm_key.h"
#include "server/hsm/key_pair.h"

namespace fncard::server::hsm {
namespace {

void appendNumber(std::vector<unsigned char>& bytes, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<unsigned char>(number >> static_cast<unsigned>(shift)));
  }
}

class TokenHsm : public Hsm {
 public:
  explicit TokenHsm(std::shared_ptr<Token> token) : token_(std::move(token)) {}

  Result<void> generateKeyPair(const std::string& label, KeyType type) override {
    return makeKeyPair(*token_, label, type);
  }
  Result<void> generateDerivationKey(const std::string& label) override {
    return makeDerivationKey(*token_, label);
  }
  Result<Key> key(const std::string& label) override { return makeKey(token_, label); }

  Result<std::vector<unsigned char>> derive(const std::string& keyLabel, std::string_view label,
                                            std::string_view context, std::size_t size) override {
    constexpr std::size_t kLargest = 1024;
    if (size == 0 || size > kLargest || label.find('\0') != std::string_view::npos) {
      return tl::unexpected(
          Error{"A derived secret has 1 to 1024 bytes, and its label no zero byte."});
    }
    constexpr std::size_t kBlock = 16;
    std::vector<unsigned char> secret;
    secret.reserve(size + kBlock);  // so that growing leaves no copy behind
    for (std::uint32_t block = 1; secret.size() < size; ++block) {
      // [i] ‖ Label ‖ 00 ‖ Context ‖ [L], counter and length in 32 bits, the length in bits
      std::vector<unsigned char> input;
      appendNumber(input, block);
      input.insert(input.end(), label.begin(), label.end());
      input.push_back(0);
      input.insert(input.end(), context.begin(), context.end());
      appendNumber(input, static_cast<std::uint32_t>(size * 8));
      auto mac = token_->sign(CKO_SECRET_KEY, keyLabel, CKM_AES_CMAC, input);
      if (!mac) {
        return mac;
      }
      secret.insert(secret.end(), mac->begin(), mac->end());
      OPENSSL_cleanse(mac->data(), mac->size());
    }
    secret.resize(size);
    return secret;
  }

 private:
  std::shared_ptr<Token> token_;
};

}  // namespace

Result<std::unique_ptr<Hsm>> Hsm::open(const Options& options) {
  auto token = Token::open(options);
  if (!token) {
    return tl::unexpected(token.error());
  }
  return std::make_unique<TokenHsm>(std::move(*token));
}

}  // namespace fncard::server::hsm

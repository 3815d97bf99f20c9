// SPDX-License-Identifier: Apache-2.0
#include "server/session/user_code.h"

#include <sodium.h>

#include <array>
#include <stdexcept>

#include "server/base/random.h"

namespace fncard::server::session {
namespace {

constexpr std::string_view kAlphabet = "34679ACDEFGHJKMNPQRTWXY";
constexpr std::size_t kSize = 8;
constexpr std::size_t kShortest = 6;
constexpr std::size_t kLongest = 10;

std::string hashed(const std::string& userCode, const HashCost& cost) {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str_alg(text.data(), userCode.data(), userCode.size(), cost.operations,
                            cost.memoryBytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw std::runtime_error("there is not enough memory to hash a user code");
  }
  return text.data();
}

}  // namespace

std::string makeUserCode() {
  return randomText(kAlphabet, kSize);
}

std::string normalUserCode(std::string_view typed) {
  std::string code;
  for (const char character : typed) {
    if (character == ' ' || character == '-') {
      continue;
    }
    const bool lower = character >= 'a' && character <= 'z';
    const char upper = lower ? static_cast<char>(character - 'a' + 'A') : character;
    if (!((upper >= 'A' && upper <= 'Z') || (upper >= '0' && upper <= '9'))) {
      return {};
    }
    code += upper;
  }
  return code.size() >= kShortest && code.size() <= kLongest ? code : std::string();
}

UserCodeHasher::UserCodeHasher(HashCost cost) : UserCodeHasher(cost, Bounds{}) {}

UserCodeHasher::UserCodeHasher(HashCost cost, Bounds bounds)
    : cost_(cost), bounds_(bounds), nobody_(hashed(makeUserCode(), cost)) {}

UserCodeHasher::Place::~Place() {
  if (hasher_ != nullptr) {
    hasher_->leave();
  }
}

Result<UserCodeHasher::Place> UserCodeHasher::enter() {
  std::unique_lock lock(mutex_);
  if (running_ >= bounds_.running && waiting_ >= bounds_.waiting) {
    return tryAgain("too many user codes are being checked");
  }
  ++waiting_;
  free_.wait(lock, [this] { return running_ < bounds_.running; });
  --waiting_;
  ++running_;
  return Place(*this);
}

void UserCodeHasher::leave() {
  {
    const std::lock_guard lock(mutex_);
    --running_;
  }
  free_.notify_one();
}

Result<std::string> UserCodeHasher::hash(const std::string& userCode) {
  const auto place = enter();
  if (!place) {
    return tl::unexpected(place.error());
  }
  return hashed(userCode, cost_);
}

bool UserCodeHasher::matches(const Place& /*held*/, const std::string& userCode,
                             const std::string& hash) const {
  const std::string& compared = hash.empty() ? nobody_ : hash;
  const bool equal =
      crypto_pwhash_str_verify(compared.c_str(), userCode.data(), userCode.size()) == 0;
  return equal && !hash.empty();
}

}  // namespace fncard::server::session

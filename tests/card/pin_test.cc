// SPDX-License-Identifier: Apache-2.0
#include "card/pin.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

namespace fncard::card {
namespace {

bool isWiped(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '\0'; });
}

TEST(Pin, IsPaddedToEightBytesAndItsSourceIsWiped) {
  std::string text = "1234567";
  const auto pin = Pin::take(text);
  ASSERT_TRUE(pin.has_value());
  EXPECT_EQ(wire::toHex(pin->padded()), "31323334353637FF");
  EXPECT_TRUE(isWiped(text));
}

TEST(Pin, OtherFormsAreRefusedAndWipedToo) {
  for (const std::string form :
       {"", "12345", "123456789", "12345a", "12 456", "１２３", "-12345"}) {
    std::string text = form;
    const auto pin = Pin::take(text);
    ASSERT_FALSE(pin.has_value()) << form;
    EXPECT_EQ(pin.error().code, ErrorCode::PinFormat);
    EXPECT_TRUE(isWiped(text)) << form;
    EXPECT_EQ(pin.error().detail.find(form.empty() ? "none" : form), std::string::npos);
  }
}

TEST(Pin, ComparesByValueAndAClonesLifeIsItsOwn) {
  std::string first = "246810";
  std::string second = "2468101";
  auto pin = Pin::take(first);
  const auto other = Pin::take(second);
  const Pin copy = pin->clone();
  EXPECT_EQ(*pin, copy);
  EXPECT_FALSE(*pin == *other);
  const Pin moved = std::move(*pin);
  EXPECT_EQ(moved, copy);
}

TEST(Puk, IsExactlyEightBytes) {
  Bytes eight(8, 0x01);
  Bytes nine(9, 0x01);
  EXPECT_TRUE(Puk::take(eight).has_value());
  EXPECT_FALSE(Puk::take(nine).has_value());
  EXPECT_EQ(eight, Bytes(8, 0));
  EXPECT_EQ(nine, Bytes(9, 0));
}

TEST(SecretBytes, AMovedOneIsEmptyAndTheOtherKeepsTheBytes) {
  Bytes source{1, 2, 3};
  SecretBytes secret = SecretBytes::take(source);
  EXPECT_EQ(source, Bytes(3, 0));
  const SecretBytes moved = std::move(secret);
  EXPECT_EQ(moved.size(), 3U);
  // NOLINTBEGIN(bugprone-use-after-move,clang-analyzer-cplusplus.Move): it is what is tested
  EXPECT_TRUE(secret.empty());
  EXPECT_TRUE(secret.bytes().empty());
  // NOLINTEND(bugprone-use-after-move,clang-analyzer-cplusplus.Move)
  EXPECT_EQ(moved.clone().bytes()[2], 3);
}

TEST(SecretBytes, NoBytesNeedNoMemory) {
  const SecretBytes none(0);
  EXPECT_TRUE(none.empty());
  EXPECT_TRUE(none.clone().empty());
}

/// A child has the memory of its parent, but not its right to be locked.
TEST(SecretBytes, AreNotInheritedByAChild) {
  for (const std::size_t size : {std::size_t{8}, std::size_t{4096}, std::size_t{5000}}) {
    SecretBytes secret(size);
    std::fill(secret.bytes().begin(), secret.bytes().end(), std::uint8_t{0x5A});
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      bool none = std::ranges::all_of(secret.bytes(), [](auto byte) { return byte == 0; });
      secret = SecretBytes(16);  // goes without ending the process, and new ones work
      secret.bytes()[0] = 1;
      { const SecretBytes clone = secret.clone(); }
      _exit(none && secret.bytes()[0] == 1 ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    EXPECT_TRUE(std::ranges::all_of(secret.bytes(), [](auto byte) { return byte == 0x5A; }));
  }
}

}  // namespace
}  // namespace fncard::card

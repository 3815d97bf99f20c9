// SPDX-License-Identifier: Apache-2.0
#include "server/hsm/softhsm.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <map>

#include "server/hsm/token_copy.h"
#include "tests/server/hsm/test_token.h"

namespace fncard::server::hsm {
namespace {

using ::testing::HasSubstr;

mode_t modeOf(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777U;
}

TEST(SoftHsm, TokenAndPinBelongToTheUserAlone) {
  const testing::TestToken token;
  EXPECT_EQ(modeOf(token.options().pinFile), 0600U);
  EXPECT_EQ(modeOf(token.directory() / "hsm"), 0700U);
  EXPECT_EQ(modeOf(token.directory() / "hsm/tokens"), 0700U);
}

TEST(SoftHsm, ASecondTokenInTheSameDirectoryIsRefusedAndTheFirstStays) {
  const testing::TestToken token;
  const auto again =
      makeSoftHsmToken(token.directory() / "hsm", "other", token.directory() / "pin2");
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().detail, HasSubstr("has a token already"));
  EXPECT_FALSE(std::filesystem::exists(token.directory() / "pin2"));
  EXPECT_TRUE(token.open());
}

TEST(SoftHsm, AnExistingPinFileIsNotOverwrittenAndTheNextTryMaySucceed) {
  const testing::TestDirectory directory;
  std::ofstream(directory / "pin") << "precious\n";
  ASSERT_FALSE(makeSoftHsmToken(directory / "hsm", "token", directory / "pin"));
  std::string line;
  std::getline(std::ifstream(directory / "pin") >> std::ws, line);
  EXPECT_EQ(line, "precious");
  EXPECT_TRUE(makeSoftHsmToken(directory / "hsm", "token", directory / "pin2"));
}

TEST(SoftHsm, ACopiedDirectoryIsUsedWhereItIs) {
  const testing::TestDirectory directory;
  const auto made = makeSoftHsmToken(directory / "hsm", "token", directory / "pin");
  ASSERT_TRUE(made);
  std::filesystem::copy(directory / "hsm", directory / "copy",
                        std::filesystem::copy_options::recursive);
  std::filesystem::remove_all(directory / "hsm");
  ASSERT_TRUE(useSoftHsm(directory / "copy"));
  EXPECT_TRUE(Hsm::open(*made));
}

/// What the token's files hold, by their names in the directory.
std::map<std::string, std::string> contentOf(const std::filesystem::path& directory) {
  std::map<std::string, std::string> content;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) {
      std::ifstream file(entry.path());
      content[entry.path().lexically_relative(directory).string()] =
          std::string(std::istreambuf_iterator<char>(file), {});
    }
  }
  return content;
}

std::size_t copiesIn(const std::filesystem::path& directory) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    count += entry.path().filename().string().starts_with("open-") ? 1 : 0;
  }
  return count;
}

TEST(SoftHsm, ALoginLeavesTheTokenAsItWasMade) {
  const testing::TestToken token;
  ASSERT_TRUE(token.open()->generateKeyPair("key", KeyType::EcP256));
  const auto before = contentOf(token.directory() / "hsm");
  ASSERT_TRUE(useSoftHsm(token.directory() / "hsm"));
  {
    const auto hsm = token.open();
    EXPECT_TRUE(hsm->key("key"));
    EXPECT_EQ(copiesIn(token.directory() / "hsm"), 1U);
    for (const auto& [name, content] : before) {
      EXPECT_EQ(contentOf(token.directory() / "hsm")[name], content) << name;
    }
  }
  EXPECT_EQ(modeOf((token.directory() / "hsm")), 0700U);
}

TEST(SoftHsm, TheCopyOfAProcessThatWasKilledIsRemovedAndALivingOneStays) {
  const testing::TestToken token;
  const std::filesystem::path directory = token.directory() / "hsm";
  std::filesystem::create_directories(directory / "open-killed/tokens");
  const auto living = TokenCopy::make(directory);
  ASSERT_TRUE(living);
  EXPECT_FALSE(std::filesystem::exists(directory / "open-killed"));
  {
    const auto another = TokenCopy::make(directory);
    ASSERT_TRUE(another);
    EXPECT_TRUE(std::filesystem::exists(living->directory()));
    EXPECT_EQ(modeOf(another->directory().string()), 0700U);
    EXPECT_EQ(copiesIn(directory), 2U);
  }
  EXPECT_EQ(copiesIn(directory), 1U);
}

TEST(SoftHsm, ADirectoryThatCannotBeCopiedIsNamed) {
  const testing::TestDirectory directory;
  const auto used = useSoftHsm(directory / "nowhere");
  ASSERT_FALSE(used);
  EXPECT_THAT(used.error().detail, HasSubstr(directory / "nowhere"));
}

TEST(SoftHsm, ALabelThatDoesNotFitIsRefused) {
  const testing::TestDirectory directory;
  EXPECT_FALSE(makeSoftHsmToken(directory / "hsm", std::string(33, 'x'), directory / "pin"));
  EXPECT_FALSE(makeSoftHsmToken(directory / "hsm", "", directory / "pin"));
}

class OpenToken : public ::testing::Test {
 protected:
  testing::TestToken token_;
};

TEST_F(OpenToken, IsRefusedWhenOthersMayReadThePin) {
  std::filesystem::permissions(token_.options().pinFile, std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  const auto hsm = Hsm::open(token_.options());
  ASSERT_FALSE(hsm);
  EXPECT_THAT(hsm.error().detail, HasSubstr("chmod 600"));
}

TEST_F(OpenToken, IsRefusedWithAnotherPinAndTheErrorDoesNotShowIt) {
  Options options = token_.options();
  options.pinFile = token_.directory() / "wrong";
  std::ofstream(options.pinFile) << "87654321\n";
  std::filesystem::permissions(options.pinFile, std::filesystem::perms(0600));
  const auto hsm = Hsm::open(options);
  ASSERT_FALSE(hsm);
  EXPECT_THAT(hsm.error().detail, HasSubstr("CKR_PIN_INCORRECT"));
  EXPECT_THAT(hsm.error().detail, ::testing::Not(HasSubstr("87654321")));
}

TEST_F(OpenToken, IsRefusedWithAnEmptyPinFile) {
  Options options = token_.options();
  options.pinFile = token_.directory() / "empty";
  std::ofstream(options.pinFile) << "\n";
  std::filesystem::permissions(options.pinFile, std::filesystem::perms(0600));
  EXPECT_FALSE(Hsm::open(options));
}

TEST_F(OpenToken, NamesTheMissingTokenAndTheMissingModule) {
  Options options = token_.options();
  options.tokenLabel = "not there";
  const auto noToken = Hsm::open(options);
  ASSERT_FALSE(noToken);
  EXPECT_THAT(noToken.error().detail, HasSubstr("\"not there\""));
  options.module = token_.directory() / "missing.so";
  const auto noModule = Hsm::open(options);
  ASSERT_FALSE(noModule);
  EXPECT_THAT(noModule.error().detail, HasSubstr("missing.so"));
}

TEST_F(OpenToken, MayBeDoneTwiceAtOnceAndOneCloseLeavesTheOtherWorking) {
  auto first = token_.open();
  auto second = token_.open();
  ASSERT_TRUE(first->generateKeyPair("key", KeyType::EcP256));
  first.reset();
  EXPECT_TRUE(second->key("key"));
  EXPECT_TRUE(second->generateDerivationKey("secrets"));
  EXPECT_TRUE(second->derive("secrets", "a", "b", 16));
}

}  // namespace
}  // namespace fncard::server::hsm

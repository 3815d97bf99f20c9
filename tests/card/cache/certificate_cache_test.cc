// SPDX-License-Identifier: Apache-2.0
// Whatever is wrong with the cache, the card is read instead and everything works.
#include "card/cache/certificate_cache.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "card/card.h"
#include "tests/card/cache/temporary_cache.h"
#include "tests/card/support/function_readers.h"
#include "tests/card/support/memory_card.h"

namespace fncard::card {
namespace {

namespace fs = std::filesystem;
using testing::FunctionReaders;
using testing::makePin;
using testing::TemporaryCache;

constexpr unsigned kOpening = 2;  // SELECT, CHUID

class CertificateCacheTest : public ::testing::Test {
 protected:
  CertificateCacheTest()
      : memory_(testing::personalisedCard(KeyAlgorithm::EcP256)),
        readers_([this](ByteView command) { return memory_->process(command); }) {}

  /// Opens the card and reads both certificates; how many commands that took.
  unsigned list() {
    readers_.clearCounts();
    const auto card = openAnyCard(readers_);
    EXPECT_TRUE(card.has_value());
    const auto application = (*card)->begin();
    for (const auto& [role, tag] :
         {std::pair{KeyRole::Signature, 0x5FC10AU}, std::pair{KeyRole::KeyManagement, 0x5FC10BU}}) {
      const auto der = (*application)->readCertificate(role);
      EXPECT_TRUE(der.has_value());
      EXPECT_EQ(piv::encodeCertificateObject(der.value_or(Bytes())), memory_->objects[tag]);
    }
    return readers_.exchanges();
  }

  fs::path fill() {
    list();
    const auto files = cache_.files();
    EXPECT_EQ(files.size(), 1U);
    return files.front();
  }

  /// The cache gave nothing, and is right again afterwards.
  void expectReadAnew(const std::string& what) {
    EXPECT_GT(list(), kOpening) << what;
    EXPECT_EQ(list(), kOpening) << what;
  }

  TemporaryCache cache_;
  std::unique_ptr<testing::MemoryCard> memory_;
  FunctionReaders readers_;
};

TEST_F(CertificateCacheTest, AnswersWithoutACommandAndIsPrivate) {
  const fs::path file = fill();
  EXPECT_EQ(list(), kOpening);
  struct stat status {};
  ASSERT_EQ(stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  ASSERT_EQ(stat(cache_.folder().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0700U);
  EXPECT_EQ(file.filename().string().find("AB1234"), std::string::npos);
}

/// No other program waits for a disk.
TEST_F(CertificateCacheTest, IsWrittenWhenTheTransactionIsOver) {
  const auto card = openAnyCard(readers_);
  auto application = std::move(*(*card)->begin());
  EXPECT_TRUE(application->readCertificate(KeyRole::Signature).has_value());
  EXPECT_TRUE(application->readCertificate(KeyRole::KeyManagement).has_value());
  EXPECT_TRUE(cache_.files().empty());
  application.reset();
  ASSERT_EQ(cache_.files().size(), 1U);
  EXPECT_EQ(parseCacheFile(TemporaryCache::read(cache_.files().front()))->certificates.size(), 2U);
  const auto written = fs::last_write_time(cache_.files().front());
  application = std::move(*(*card)->begin());
  EXPECT_TRUE(application->readCertificate(KeyRole::Signature).has_value());
  application.reset();
  EXPECT_EQ(fs::last_write_time(cache_.files().front()), written) << "nothing new was learned";
}

TEST_F(CertificateCacheTest, ATornFileIsReadAnew) {
  const Bytes whole = TemporaryCache::read(fill());
  for (std::size_t size = 0; size < whole.size(); size += 61) {
    TemporaryCache::write(fill(), ByteView(whole).first(size));
    expectReadAnew("cut at " + std::to_string(size));
  }
}

TEST_F(CertificateCacheTest, AnotherCardsFileUnderThisNameIsReadAnew) {
  const fs::path file = fill();
  auto contents = *parseCacheFile(TemporaryCache::read(file));
  contents.identity.cardNumber = "CD12345678901234";
  TemporaryCache::write(file, encodeCacheFile(contents));
  expectReadAnew("another card");
}

TEST_F(CertificateCacheTest, SomethingElseInTheFilesPlaceIsReadAnew) {
  const fs::path file = fill();
  const fs::path elsewhere = cache_.root() / "elsewhere";
  fs::rename(file, elsewhere);
  fs::create_symlink(elsewhere, file);
  expectReadAnew("symlink");
  EXPECT_TRUE(fs::is_regular_file(elsewhere)) << "what it pointed to is left alone";
  fs::remove(file);
  ASSERT_EQ(mkfifo(file.c_str(), 0600), 0);
  expectReadAnew("FIFO");
  ASSERT_EQ(chmod(file.c_str(), 0644), 0);
  expectReadAnew("readable to others");
  fs::resize_file(file, 1'000'000'000);
  expectReadAnew("huge");
  const timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = 1, .tv_nsec = 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
  expectReadAnew("old");
  fs::remove(file);
  fs::create_directory(file);
  EXPECT_GT(list(), kOpening);
  EXPECT_GT(list(), kOpening) << "a folder stays, and stays no cache";
  EXPECT_EQ(cache_.files().size(), 1U) << "nothing half-written is left beside it";
}

TEST_F(CertificateCacheTest, AFileOfAnotherUserIsReadAnew) {
  if (geteuid() != 0) {
    GTEST_SKIP() << "only root can give a file away";
  }
  const fs::path file = fill();
  ASSERT_EQ(chown(file.c_str(), 65'534, 65'534), 0);
  expectReadAnew("another owner");
  ASSERT_EQ(chown(cache_.folder().c_str(), 65'534, 65'534), 0);
  EXPECT_GT(list(), kOpening);
  EXPECT_GT(list(), kOpening);
}

TEST_F(CertificateCacheTest, AFolderThatOthersMayChangeIsNoCache) {
  fill();
  ASSERT_EQ(chmod(cache_.folder().c_str(), 0770), 0);
  EXPECT_GT(list(), kOpening);
  ASSERT_EQ(chmod(cache_.folder().c_str(), 0700), 0);
  EXPECT_EQ(list(), kOpening);
  fs::rename(cache_.folder(), cache_.root() / "real");
  fs::create_symlink(cache_.root() / "real", cache_.folder());
  EXPECT_GT(list(), kOpening) << "symlink";
}

TEST_F(CertificateCacheTest, AFolderThatCannotBeMadeIsNoCache) {
  TemporaryCache::write(cache_.folder(), Bytes{1});
  EXPECT_GT(list(), kOpening);
  setenv("FNCARD_CACHE_DIR", "/proc/no/such/folder", 1);
  EXPECT_GT(list(), kOpening);
  setenv("FNCARD_CACHE_DIR", "relative", 1);
  EXPECT_GT(list(), kOpening);
  EXPECT_FALSE(fs::exists("relative"));
}

TEST_F(CertificateCacheTest, IsFoundWhereTheStandardSaysAndCanBeSwitchedOff) {
  unsetenv("FNCARD_CACHE_DIR");
  const auto restore = [](const char* name, const char* value) {
    value != nullptr ? setenv(name, value, 1) : unsetenv(name);
  };
  const char* const xdg = getenv("XDG_CACHE_HOME");
  const std::string home = getenv("HOME") != nullptr ? getenv("HOME") : "";
  setenv("XDG_CACHE_HOME", cache_.folder().c_str(), 1);
  list();
  EXPECT_TRUE(fs::is_directory(cache_.folder() / "fncard"));
  setenv("XDG_CACHE_HOME", "relative", 1);
  setenv("HOME", cache_.root().c_str(), 1);
  list();
  EXPECT_TRUE(fs::is_directory(cache_.root() / ".cache" / "fncard"));
  EXPECT_EQ(list(), kOpening);
  setenv("FNCARD_CACHE", "off", 1);
  EXPECT_GT(list(), kOpening);
  restore("XDG_CACHE_HOME", xdg);
  restore("HOME", home.empty() ? nullptr : home.c_str());
}

TEST_F(CertificateCacheTest, ACardOfAnotherIssuerIsReadEachTime) {
  CardIdentity foreign{.expiry = "2031-11-30"};
  foreign.guid.fill(0x51);
  memory_->objects[0x5FC102] = piv::encodeChuid(foreign);
  EXPECT_GT(list(), kOpening);
  EXPECT_GT(list(), kOpening);
  EXPECT_TRUE(cache_.files().empty());
}

TEST_F(CertificateCacheTest, AMissingCertificateIsAskedForByEachProgram) {
  memory_->objects.erase(0x5FC10B);
  const auto read = [this] {
    const auto card = openAnyCard(readers_);
    return (*(*card)->begin())->readCertificate(KeyRole::KeyManagement).has_value();
  };
  EXPECT_FALSE(read());
  memory_->objects[0x5FC10B] = memory_->objects[0x5FC10A];
  EXPECT_TRUE(read());
}

TEST_F(CertificateCacheTest, AdministrationOfTheCardEndsIt) {
  fill();
  const auto administer = [&](auto action) {
    const auto administration = piv::beginAdministration(readers_, "Test Reader 00 00");
    Bytes key = memory_->managementKey;
    ASSERT_TRUE((*administration)
                    ->authenticate(piv::ManagementAlgorithm::TripleDes, SecretBytes::take(key)));
    action(**administration);
  };
  administer([&](piv::Administration& station) {
    const auto other = testing::generateKey(KeyAlgorithm::EcP256);
    ASSERT_TRUE(station.writeObject(
        piv::Object::SignatureCertificate,
        piv::encodeCertificateObject(testing::makeCertificate(other.get(), "new"))));
  });
  expectReadAnew("written");
  administer([](piv::Administration& station) {
    ASSERT_TRUE(station.generateKey(KeyRole::Signature, KeyAlgorithm::EcP256));
  });
  expectReadAnew("generated");
}

TEST_F(CertificateCacheTest, KeepsTheNewestSixteenCards) {
  const CertificateCache cache = CertificateCache::ofUser();
  auto contents = *parseCacheFile(TemporaryCache::read(fill()));
  for (int i = 10; i < 40; ++i) {
    contents.identity.cardNumber = "AB123456789012" + std::to_string(i);
    cache.store(contents);
  }
  EXPECT_EQ(cache_.files().size(), CertificateCache::kMaxCards);
  EXPECT_TRUE(cache.load(contents.identity).has_value());
}

TEST_F(CertificateCacheTest, WritersAtTheSameTimeLeaveOneWholeFile) {
  const auto contents = *parseCacheFile(TemporaryCache::read(fill()));
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(fork());
    if (children.back() == 0) {
      bool good = true;
      for (int round = 0; round < 100; ++round) {
        const CertificateCache cache = CertificateCache::ofUser();
        cache.store(contents);
        good = good && cache.load(contents.identity) == contents;
      }
      _exit(good ? 0 : 1);
    }
  }
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(cache_.files().size(), 1U);
}

/// A certificate in the cache that the card does not have any more.
/// As after a renewal on another PC, or in a false file.
TEST_F(CertificateCacheTest, AStaleCertificateIsFoundOutByTheFirstUseOfItsKey) {
  const Bytes wrongSize(256, 1);
  const Bytes digest(32, 1);
  const auto peer = testing::generateKey(KeyAlgorithm::EcP256);
  const auto use = [&](bool encryption, CardApplication& application) -> Result<void> {
    if (auto verified = application.verifyPin(makePin("123456")); !verified) {
      return verified;
    }
    if (!encryption) {  // with the kind of key that the old certificate had
      const auto made = application.sign(KeyRole::Signature, KeyAlgorithm::Rsa2048, wrongSize);
      return made ? Result<void>() : tl::unexpected(made.error());
    }
    unsigned char* raw = nullptr;
    const std::size_t size = EVP_PKEY_get1_encoded_public_key(peer.get(), &raw);
    const Bytes point(raw, raw + size);
    OPENSSL_free(raw);
    const auto agreed = application.agree(KeyRole::KeyManagement, KeyAlgorithm::EcP256, point);
    return agreed ? Result<void>() : tl::unexpected(agreed.error());
  };
  for (const bool encryption : {false, true}) {
    const auto tag = encryption ? 0x5FC10BU : 0x5FC10AU;
    const auto key =
        testing::generateKey(encryption ? KeyAlgorithm::EcP256 : KeyAlgorithm::Rsa2048);
    const Bytes right = memory_->objects[tag];
    memory_->objects[tag] =
        piv::encodeCertificateObject(testing::makeCertificate(key.get(), "OLD"));
    fs::remove_all(cache_.folder());
    fill();
    memory_->objects[tag] = right;
    const auto card = openAnyCard(readers_);
    {
      const auto application = (*card)->begin();
      ASSERT_TRUE((*application)->readCertificate(KeyRole::Signature).has_value());
      EXPECT_EQ(use(encryption, **application).error().code, ErrorCode::CardRemoved);
    }
    expectReadAnew(encryption ? "9D" : "9C");
  }
  // a right one is compared once, and a failure of the card is told as what it is
  const auto card = openAnyCard(readers_);
  const auto application = (*card)->begin();
  ASSERT_TRUE(use(true, **application).has_value());
  readers_.clearCounts();
  ASSERT_TRUE(use(true, **application).has_value());
  EXPECT_EQ(readers_.exchanges(), 2U);
  EXPECT_NE(use(false, **application).error().code, ErrorCode::CardRemoved);
}

TEST_F(CertificateCacheTest, ASignatureThatAStaleCertificateDoesNotVerifyIsNotHandedOut) {
  fill();
  memory_->keys[0x9C] = testing::generateKey(KeyAlgorithm::EcP256);
  memory_->objects[0x5FC10A] = piv::encodeCertificateObject(
      testing::makeCertificate(memory_->keys[0x9C].get(), "rewritten by another tool"));
  const auto sign = [&]() -> Result<Bytes> {
    const auto card = openAnyCard(readers_);
    const auto application = (*card)->begin();
    static_cast<void>((*application)->readCertificate(KeyRole::Signature));
    EXPECT_TRUE((*application)->verifyPin(makePin("123456")));
    return (*application)->sign(KeyRole::Signature, KeyAlgorithm::EcP256, Bytes(32, 1));
  };
  const auto stale = sign();
  ASSERT_FALSE(stale.has_value());
  EXPECT_EQ(stale.error().code, ErrorCode::CardRemoved) << "who has the old one must look again";
  EXPECT_TRUE(sign().has_value());
  EXPECT_GT(list(), kOpening) << "the other certificate may be stale as well";
  EXPECT_EQ(list(), kOpening);
}

}  // namespace
}  // namespace fncard::card

// SPDX-License-Identifier: Apache-2.0
#include "documents/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/documents/temporary_folder.h"

namespace fncard::documents {
namespace {

Bytes bytes(const std::string& text) {
  return {text.begin(), text.end()};
}

TEST(DocumentFile, IsReadWholeAndDigested) {
  const TemporaryFolder folder;
  const std::string file = folder.put("a", "abc");
  EXPECT_EQ(readDocument(file), bytes("abc"));
  const auto digest = digestDocument(file);  // FIPS 180-4's example
  ASSERT_TRUE(digest.has_value());
  ASSERT_EQ(digest->size(), 32U);
  EXPECT_EQ(digest->front(), 0xBA);
  EXPECT_EQ(digest->back(), 0xAD);
  EXPECT_EQ(readDocument(folder.put("empty", "")), Bytes());
}

TEST(DocumentFile, ThatIsNoneIsMissingAndNothingIsWaitedFor) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  for (const std::string& name : {folder / "none", folder / "pipe", folder / "."}) {
    EXPECT_EQ(readDocument(name).error(), "documents.missing") << name;
    EXPECT_EQ(digestDocument(name).error(), "documents.missing") << name;
  }
}

TEST(DocumentFile, IsReplacedOnlyWhenThatIsMeant) {
  const TemporaryFolder folder;
  const std::string file = folder.put("a", "before");
  EXPECT_EQ(writeDocument(file, bytes("after"), false).error(), "documents.exists");
  EXPECT_EQ(folder.read("a"), "before");
  ASSERT_TRUE(writeDocument(file, bytes("after"), true).has_value());
  EXPECT_EQ(folder.read("a"), "after");
  ASSERT_TRUE(writeDocument(folder / "b", bytes("new"), false).has_value());
  EXPECT_EQ(folder.read("b"), "new");
  EXPECT_EQ(folder.count(), 2) << "nothing is left beside them";
}

TEST(DocumentFile, IsWrittenThroughNoLink) {
  const TemporaryFolder folder;
  static_cast<void>(folder.put("target", "kept"));
  std::filesystem::create_symlink(folder / "target", folder / "link");
  EXPECT_EQ(writeDocument(folder / "link", bytes("x"), false).error(), "documents.exists");
  ASSERT_TRUE(writeDocument(folder / "link", bytes("x"), true).has_value());
  EXPECT_EQ(folder.read("target"), "kept");
}

TEST(DocumentFile, GetsTheModeOfTheUsersMask) {
  const TemporaryFolder folder;
  const mode_t before = ::umask(027);
  const auto written = writeDocument(folder / "a", bytes("x"), false);
  ::umask(before);
  ASSERT_TRUE(written.has_value());
  EXPECT_EQ(std::filesystem::status(folder / "a").permissions(), std::filesystem::perms(0640));
}

TEST(DocumentFile, ThatCannotBeWrittenLeavesNothing) {
  const TemporaryFolder folder;
  EXPECT_EQ(writeDocument(folder / "none/a", bytes("x"), false).error(), "documents.unwritable");
  ASSERT_TRUE(std::filesystem::create_directory(folder / "folder"));
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  for (const char* name : {"folder", "pipe"}) {
    EXPECT_EQ(writeDocument(folder / name, bytes("x"), true).error(), "documents.unwritable");
  }
  EXPECT_TRUE(std::filesystem::is_fifo(folder / "pipe"));
  EXPECT_EQ(folder.count(), 2);
}

}  // namespace
}  // namespace fncard::documents

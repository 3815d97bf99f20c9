// SPDX-License-Identifier: Apache-2.0
#include "server/issuance/personalisation/work_record.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace fncard::server::personalisation {
namespace {

class WorkRecordTest : public testing::Test {
 protected:
  WorkRecordTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "fncard-record-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~WorkRecordTest() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
};

TEST_F(WorkRecordTest, ReadsBackWhatItStored) {
  const auto directory = WorkDirectory::open(folder_ + "/a/b");
  ASSERT_TRUE(directory.has_value());
  EXPECT_FALSE(directory->load()->has_value());
  WorkRecord record{.idempotencyKey = "key", .jobId = "job", .pukChanging = true};
  record.guid.fill(0x42);
  record.publicKeys = PerKey<Bytes>{Bytes{1}, Bytes{2, 3}, Bytes{4}};
  ASSERT_TRUE(directory->store(record).has_value());
  const auto loaded = directory->load();
  ASSERT_TRUE(loaded.has_value() && loaded->has_value());
  EXPECT_EQ((*loaded)->idempotencyKey, "key");
  EXPECT_EQ((*loaded)->jobId, "job");
  EXPECT_EQ((*loaded)->guid, record.guid);
  EXPECT_EQ((*loaded)->publicKeys, record.publicKeys);
  EXPECT_TRUE((*loaded)->pukChanging);
  EXPECT_FALSE((*loaded)->pinChanging);
  ASSERT_TRUE(directory->clear().has_value());
  EXPECT_FALSE(directory->load()->has_value());
  EXPECT_TRUE(directory->clear().has_value()) << "twice is once";
}

TEST_F(WorkRecordTest, IsTheStationsAlone) {
  const auto directory = WorkDirectory::open(folder_);
  ASSERT_TRUE(directory->store({}).has_value());
  struct stat status {};
  ASSERT_EQ(stat((folder_ + "/job.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(WorkDirectory::open(folder_).error().code, "perso.work-dir-busy");
}

TEST_F(WorkRecordTest, StopsAtAFileThatItDidNotWrite) {
  const auto directory = WorkDirectory::open(folder_);
  for (const char* text : {"", "{", "[]", "{}", R"({"idempotencyKey":1})"}) {
    std::ofstream(folder_ + "/job.json") << text;
    const auto loaded = directory->load();
    ASSERT_FALSE(loaded.has_value()) << text;
    EXPECT_EQ(loaded.error().code, "perso.work-dir");
  }
}

}  // namespace
}  // namespace fncard::server::personalisation

// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include "tests/pkcs11/module_test.h"

namespace fncard::test {
namespace {

class SlotEvents : public ModuleTest {
 protected:
  CK_RV look(CK_SLOT_ID& where) { return p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &where, nullptr); }
  void untilSomeoneWaits() {
    std::unique_lock lock(pc.mutex);
    pc.changed.wait(lock, [this] { return pc.waits > 0; });
  }
  CK_ULONG slots() {
    CK_ULONG count = 99;
    EXPECT_EQ(p11->C_GetSlotList(CK_FALSE, nullptr, &count), CKR_OK);
    return count;
  }
  CK_SLOT_ID slot = 99;
};

TEST_F(SlotEvents, whatIsThereFromTheBeginningIsNoEvent) {
  start();
  EXPECT_EQ(look(slot), CKR_NO_EVENT);
}

TEST_F(SlotEvents, insertionAndRemovalAreToldOnceEach) {
  start();
  pc.put("Reader", nullptr);
  EXPECT_EQ(look(slot), CKR_OK);
  EXPECT_EQ(slot, 0U);
  EXPECT_EQ(look(slot), CKR_NO_EVENT);
  pc.put("Reader", cardState);
  EXPECT_EQ(look(slot), CKR_OK);
  EXPECT_EQ(look(slot), CKR_NO_EVENT);
}

TEST_F(SlotEvents, aChangeThatAnotherCallSawFirstIsNotMissed) {
  start();
  pc.put("Reader", nullptr);
  CK_SLOT_INFO info;
  ASSERT_EQ(p11->C_GetSlotInfo(0, &info), CKR_OK);
  EXPECT_EQ(info.flags & CKF_TOKEN_PRESENT, 0U);
  EXPECT_EQ(look(slot), CKR_OK);
}

TEST_F(SlotEvents, aWaitEndsWithTheEvent) {
  start();
  CK_RV rv = CKR_GENERAL_ERROR;
  std::thread waiter([&] { rv = p11->C_WaitForSlotEvent(0, &slot, nullptr); });
  untilSomeoneWaits();
  pc.put("Second reader", makeFakeCard(card::KeyAlgorithm::EcP256));
  waiter.join();
  EXPECT_EQ(rv, CKR_OK);
  EXPECT_EQ(slot, 1U);
}

TEST_F(SlotEvents, finalizeWakesWhoWaits) {
  start();
  std::vector<CK_RV> answers(3, CKR_GENERAL_ERROR);
  std::vector<std::thread> waiters;
  waiters.reserve(answers.size());
  for (CK_RV& answer : answers) {
    waiters.emplace_back([&] {
      CK_SLOT_ID own = 0;
      answer = p11->C_WaitForSlotEvent(0, &own, nullptr);
    });
  }
  untilSomeoneWaits();
  EXPECT_EQ(p11->C_Finalize(nullptr), CKR_OK);
  for (auto& waiter : waiters) {
    waiter.join();
  }
  EXPECT_THAT(answers, testing::Each(CKR_CRYPTOKI_NOT_INITIALIZED));
}

TEST_F(SlotEvents, finalizeWakesWhoWaitsForAReaderService) {
  pc.stopService(true);
  ASSERT_EQ(p11->C_Initialize(nullptr), CKR_OK);
  CK_RV rv = CKR_GENERAL_ERROR;
  std::thread waiter([&] { rv = p11->C_WaitForSlotEvent(0, &slot, nullptr); });
  EXPECT_EQ(p11->C_Finalize(nullptr), CKR_OK);
  waiter.join();
  EXPECT_EQ(rv, CKR_CRYPTOKI_NOT_INITIALIZED);
}

TEST_F(SlotEvents, withoutAReaderServiceThereAreNoSlotsUntilItRuns) {
  pc.stopService(true);
  pc.put("Reader", makeFakeCard(card::KeyAlgorithm::EcP256));
  ASSERT_EQ(p11->C_Initialize(nullptr), CKR_OK);
  EXPECT_EQ(slots(), 0U);
  EXPECT_EQ(look(slot), CKR_NO_EVENT);
  pc.stopService(false);
  EXPECT_EQ(slots(), 1U);
  EXPECT_EQ(look(slot), CKR_OK);
}

TEST_F(SlotEvents, theListIsAsLongAsItsNumberSaid) {
  pc.stopService(true);
  ASSERT_EQ(p11->C_Initialize(nullptr), CKR_OK);
  CK_ULONG count = 9;
  ASSERT_EQ(p11->C_GetSlotList(CK_FALSE, nullptr, &count), CKR_OK);
  ASSERT_EQ(count, 0U);
  pc.put("Reader", makeFakeCard(card::KeyAlgorithm::EcP256));
  pc.stopService(false);
  CK_SLOT_ID slots[4];
  EXPECT_EQ(p11->C_GetSlotList(CK_FALSE, slots, &count), CKR_OK);
  EXPECT_EQ(count, 0U);
  ASSERT_EQ(p11->C_GetSlotList(CK_FALSE, nullptr, &count), CKR_OK);
  EXPECT_EQ(count, 1U);
  EXPECT_EQ(p11->C_GetSlotList(CK_FALSE, slots, &count), CKR_OK);
}

TEST_F(SlotEvents, aSlotStaysWhenItsReaderGoes) {
  start();
  const auto session = open();
  pc.unplug("Reader");
  EXPECT_EQ(slots(), 1U);
  CK_SLOT_INFO info;
  ASSERT_EQ(p11->C_GetSlotInfo(0, &info), CKR_OK);
  EXPECT_EQ(info.flags & CKF_TOKEN_PRESENT, 0U);
  CK_SESSION_INFO sessionInfo;
  EXPECT_EQ(p11->C_GetSessionInfo(session, &sessionInfo), CKR_DEVICE_REMOVED);
  pc.put("Reader", cardState);
  EXPECT_EQ(slots(), 1U);
  EXPECT_NE(open(), CK_INVALID_HANDLE);
}

TEST_F(SlotEvents, readersWithLongNamesAreCutAtACharacter) {
  std::string name;
  for (int i = 0; i < 30; ++i) {
    name += "讀";
  }
  pc.put(name, nullptr);
  ASSERT_EQ(p11->C_Initialize(nullptr), CKR_OK);
  CK_SLOT_INFO info;
  ASSERT_EQ(p11->C_GetSlotInfo(0, &info), CKR_OK);
  const std::string_view field(reinterpret_cast<const char*>(info.slotDescription), 64);
  EXPECT_EQ(field, name.substr(0, 63) + " ");
}

}  // namespace
}  // namespace fncard::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "hw-sim/simulated_card.h"
#include "server/issuance/personalisation/station.h"
#include "tests/card/support/function_readers.h"
#include "tests/server/personalisation/fake_office.h"

namespace fncard::server::personalisation {

/// A simulated card in a reader in memory, which can be cut at any APDU.
class TestCard : public hw_sim::StateStore {
 public:
  enum class Cut {
    Never,
    BeforeIt,
    AfterIt
  };  ///< the card did not see the APDU, or its answer was lost

  TestCard()
      : card_(std::make_unique<hw_sim::SimulatedCard>(hw_sim::blankCard(true), *this)),
        readers_([this](ByteView command) { return exchange(command); }) {}

  bool save(const hw_sim::CardState&) override { return true; }

  card::testing::FunctionReaders& readers() { return readers_; }
  [[nodiscard]] const hw_sim::CardState& state() const { return card_->state(); }
  void replace(hw_sim::CardState state) {
    card_ = std::make_unique<hw_sim::SimulatedCard>(std::move(state), *this);
  }
  void cutAt(unsigned apdu, Cut cut) {
    left_ = apdu;
    cut_ = cut;
  }
  /// True when the cut has happened.
  [[nodiscard]] bool wasCut() const { return cut_ == Cut::Never; }
  void insertAgain() {
    card_->powerOff();
    card_->powerOn();
    readers_.insertCard();
  }

 private:
  card::Result<wire::ResponseApdu> exchange(ByteView command) {
    const bool cutNow = cut_ != Cut::Never && left_-- == 0;
    if (cutNow) {
      const Cut cut = std::exchange(cut_, Cut::Never);
      if (cut == Cut::AfterIt) {
        card_->transmit(command);
      }
      readers_.removeCard();
      return card::failed(card::ErrorCode::CardRemoved, "cut");
    }
    return *wire::ResponseApdu::parse(card_->transmit(command));
  }

  std::unique_ptr<hw_sim::SimulatedCard> card_;
  card::testing::FunctionReaders readers_;
  unsigned left_ = 0;
  Cut cut_ = Cut::Never;
};

class StationTest : public testing::Test, protected Progress {
 protected:
  StationTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "fncard-perso-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~StationTest() override { std::filesystem::remove_all(folder_); }

  void step(std::string_view code, const messages::Parameters&) override {
    steps_.emplace_back(code);
  }

  /// As a new process would: everything it knows comes from the directory.
  Result<Job> makeCard(FakeOffice& office, TestCard& card, const std::string& mailNumber = {}) {
    auto directory = WorkDirectory::open(folder_);
    if (!directory) {
      return tl::unexpected(directory.error());
    }
    ProductionClient client(office.url(), {}, messages::Language::English);
    Station station(card.readers(), "", client, *directory, *this);
    return station.makeCard(mailNumber);
  }

  /// What must hold of a card that was reported as checked.
  static void expectFinished(FakeOffice& office, const std::string& jobId, const TestCard& card) {
    const auto& job = office.jobs.at(jobId);
    EXPECT_EQ(job.state, "checked");
    const hw_sim::CardState& state = card.state();
    EXPECT_EQ(state.pin.value, hw_sim::paddedPin(FakeOffice::kTransportPin));
    EXPECT_EQ(state.puk.value, FakeOffice::puk());
    EXPECT_EQ(state.management.key, FakeOffice::managementKey());
    EXPECT_EQ(state.management.cipher, hw_sim::BlockCipher::Aes256);
    EXPECT_EQ(state.pin.triesLeft, state.pin.triesLimit);
    EXPECT_EQ(state.puk.triesLeft, state.puk.triesLimit);
    for (const KeySlot& slot : kKeySlots) {
      const auto& object = state.objects.at(static_cast<std::uint32_t>(slot.certificate));
      const auto& certificate = job.certificates.at(slot.name);
      EXPECT_NE(std::search(object.begin(), object.end(), certificate.begin(), certificate.end()),
                object.end())
          << slot.name;
    }
  }

  std::string folder_;
  std::vector<std::string> steps_;
};

}  // namespace fncard::server::personalisation

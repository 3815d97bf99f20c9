// SPDX-License-Identifier: Apache-2.0
// A reader with a PIN pad (PC/SC part 10), scripted, and the small card in memory.
#include "card/piv/pin_pad.h"

#include <gtest/gtest.h>
#include <reader.h>

#include "card/card.h"
#include "card/pcsc/pin_pad_features.h"
#include "tests/card/pcsc/scripted_pcsc.h"
#include "tests/card/support/memory_card.h"
#include "tests/card/support/script.h"

namespace fncard::card {
namespace {

using testing::hex;
using testing::ScriptedPcsc;

constexpr DWORD kVerify = 0x42330006;
constexpr DWORD kModify = 0x42330007;
constexpr DWORD kProperties = 0x4233000A;
const char* const kPadWithDisplay = "06 04 42330006  07 04 42330007  0A 04 4233000A";

class PinPads : public ::testing::Test {
 protected:
  void SetUp() override {
    pc_.reset();
    pc_.addReader("Pad");
    pc_.insertCard("Pad", [this](ByteView command) {
      sent_.emplace_back(command.begin(), command.end());
      return card_->process(command).encode();
    });
    pc_.setControl(
        [this](DWORD code, ByteView input, Bytes& answer) { return control(code, input, answer); });
  }
  void TearDown() override {
    for (const Bytes& command : sent_) {  // no PIN ever came from the PC
      EXPECT_TRUE(command[1] != 0x20 && command[1] != 0x24);
    }
    application_.reset();
    opened_.reset();
    service_.reset();
    pc_.reset();
  }

  CardApplication& application() {
    if (!application_) {
      opened_ = std::move(*openCard(*service_, "Pad"));
      application_ = std::move(*opened_->begin());
    }
    return *application_;
  }

  LONG control(DWORD code, ByteView input, Bytes& answer) {
    controls_.push_back(code);
    if (code == CM_IOCTL_GET_FEATURE_REQUEST) {
      answer = features_;
      return SCARD_S_SUCCESS;
    }
    if (code == kProperties) {
      answer = hex("10 02 07 00");
      return SCARD_S_SUCCESS;
    }
    structure_.assign(input.begin(), input.end());
    answer = padStatus_.empty() ? typed(input) : padStatus_;
    return padCode_;
  }

  /// What the reader makes of the structure and the keys that are pressed.
  Bytes typed(ByteView input) {
    const std::size_t head = input.size() - 5 - 8 * keys_.size();
    Bytes command(input.begin() + static_cast<std::ptrdiff_t>(head), input.end());
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      std::copy(keys_[i].begin(), keys_[i].end(),
                command.begin() + 5 + static_cast<std::ptrdiff_t>(8 * i));
    }
    return card_->process(command).encode();
  }

  ScriptedPcsc& pc_ = ScriptedPcsc::instance();
  std::unique_ptr<testing::MemoryCard> card_ = testing::personalisedCard(KeyAlgorithm::EcP256);
  std::unique_ptr<ReaderService> service_ = makePcscService();
  std::unique_ptr<Card> opened_;
  std::unique_ptr<CardApplication> application_;
  Bytes features_ = hex(kPadWithDisplay);
  std::vector<std::string> keys_{"123456"};
  Bytes padStatus_;
  LONG padCode_ = SCARD_S_SUCCESS;
  std::vector<Bytes> sent_;
  std::vector<DWORD> controls_;
  Bytes structure_;
};

TEST_F(PinPads, VerifyHandsThePadTheStructureOfTheStandard) {
  card_->pin = testing::padded("123456");
  EXPECT_TRUE(application().hasPinPad());
  ASSERT_TRUE(application().verifyPinOnPad().has_value());
  EXPECT_EQ(wire::toHex(structure_), wire::toHex(hex("3C 00 82 08 00 0806 02 01 0904 00 000000"
                                                     "0D000000 00200080 08 FFFFFFFFFFFFFFFF")));
  const auto* layout = reinterpret_cast<const PIN_VERIFY_STRUCTURE*>(structure_.data());
  EXPECT_EQ(layout->wPINMaxExtraDigit, 0x0608);
  EXPECT_EQ(layout->ulDataLength, structure_.size() - sizeof(PIN_VERIFY_STRUCTURE));
  EXPECT_EQ(application().pinStatus()->verified, true);
  sent_.clear();  // pinStatus() is a VERIFY without data
}

TEST_F(PinPads, ModifyHandsThePadTheStructureOfTheStandard) {
  card_->pin = testing::padded("123456");
  keys_ = {"123456", "27182818"};
  ASSERT_TRUE(application().changePinOnPad().has_value());
  EXPECT_EQ(card_->pin, testing::padded("27182818"));
  EXPECT_EQ(wire::toHex(structure_),
            wire::toHex(hex("3C 00 82 08 00 00 08 0806 03 02 03 0904 00 01 02 000000 15000000"
                            "00240080 10 FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF")));
  const auto* layout = reinterpret_cast<const PIN_MODIFY_STRUCTURE*>(structure_.data());
  EXPECT_EQ(layout->bInsertionOffsetNew, 8);
  EXPECT_EQ(layout->ulDataLength, structure_.size() - sizeof(PIN_MODIFY_STRUCTURE));
}

TEST_F(PinPads, AWrongPinAndABlockedCardAreToldAsByTheOtherWay) {
  card_->pin = testing::padded("999999");
  for (const unsigned left : {2U, 1U}) {
    const auto wrong = application().verifyPinOnPad();
    EXPECT_EQ(wrong.error().code, ErrorCode::PinIncorrect);
    EXPECT_EQ(wrong.error().triesLeft, left);
  }
  EXPECT_EQ(application().verifyPinOnPad().error().code, ErrorCode::PinBlocked);
  EXPECT_EQ(application().verifyPinOnPad().error().code, ErrorCode::PinBlocked);
}

TEST_F(PinPads, WhatThePadItselfSaysIsATypedError) {
  for (const auto& [status, expected] :
       {std::pair("6400", ErrorCode::PinEntryTimedOut), std::pair("6401", ErrorCode::Cancelled),
        std::pair("6402", ErrorCode::PinsDiffer), std::pair("6403", ErrorCode::PinFormat),
        std::pair("6B80", ErrorCode::Unsupported)}) {
    padStatus_ = hex(status);
    EXPECT_EQ(application().verifyPinOnPad().error().code, expected) << status;
    EXPECT_EQ(application().changePinOnPad().error().code, expected) << status;
  }
  EXPECT_EQ(card_->pinTries, 3U);
}

TEST_F(PinPads, AReaderUnpluggedDuringEntryIsARemoval) {
  application();
  pc_.before("SCardControl", [] {});
  pc_.before("SCardControl", [] {});
  pc_.before("SCardControl", [this] { pc_.removeReader("Pad"); });
  EXPECT_EQ(application().verifyPinOnPad().error().code, ErrorCode::CardRemoved);
}

TEST_F(PinPads, AnAnswerWithoutAStatusWordIsARemoval) {
  padStatus_ = hex("64");
  EXPECT_EQ(application().verifyPinOnPad().error().code, ErrorCode::CardRemoved);
}

TEST_F(PinPads, TheDriverIsAskedOnceAConnectionAndTheCardNever) {
  application();
  const std::size_t before = sent_.size();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(application().hasPinPad());
  }
  application_.reset();
  application_ = std::move(*opened_->begin());
  EXPECT_TRUE(application().hasPinPad());
  EXPECT_EQ(controls_, (std::vector<DWORD>{CM_IOCTL_GET_FEATURE_REQUEST, kProperties}));
  EXPECT_EQ(sent_.size(), before);
}

TEST_F(PinPads, ThePersonIsAskedOnlyWhenTheRightApplicationIsSelected) {
  application();
  card_->deselect();
  card_->pin = testing::padded("123456");
  EXPECT_TRUE(application().verifyPinOnPad().has_value());
  card_->objects.clear();
  application_.reset();
  application_ = std::move(*opened_->begin());
  controls_.clear();
  EXPECT_EQ(application().verifyPinOnPad().error().code, ErrorCode::CardRemoved);
  EXPECT_TRUE(controls_.empty());
}

TEST_F(PinPads, WithoutAPadNothingIsTriedInstead) {
  pc_.setControl({});
  EXPECT_FALSE(application().hasPinPad());
  EXPECT_EQ(application().verifyPinOnPad().error().code, ErrorCode::Unsupported);
  EXPECT_EQ(application().changePinOnPad().error().code, ErrorCode::Unsupported);
}

TEST_F(PinPads, AHostileListOfFeaturesIsNoPad) {
  for (const char* list :
       {"06", "06 04", "06 04 423300", "06 03 423300", "06 05 4233000600", "06 00",
        "06 FF 42330006", "06 04 42330006 06 04 42330009", "06 04 42330006 07", "13 04 42330001"}) {
    features_ = hex(list);
    application_.reset();
    EXPECT_FALSE(application().hasPinPad()) << list;
    EXPECT_EQ(application().verifyPinOnPad().error().code, ErrorCode::Unsupported);
  }
  EXPECT_FALSE(pcsc::parseFeatures(hex("06 04 42330006 06 04 42330006")).has_value());
  EXPECT_TRUE(pcsc::parseFeatures({}).has_value());
}

TEST(PinPadProperties, AreReadWithinTheirBounds) {
  PinPad pad;
  pcsc::applyTlvProperties(hex("01 02 1002  07 01 06  0B 02 EB08"), pad);
  EXPECT_TRUE(pad.hasDisplay);
  EXPECT_EQ(pad.maxDigits, 6);
  for (const char* hostile : {"", "07", "07 01", "07 02 0404 01", "07 01 00", "FF FF 07 01 04"}) {
    PinPad other;
    pcsc::applyTlvProperties(hex(hostile), other);
    EXPECT_EQ(other.maxDigits, 8) << hostile;
    pcsc::applyPinProperties(hex(hostile), other);
    EXPECT_FALSE(other.hasDisplay) << hostile;
  }
}

TEST(PinPadProperties, APadWithoutADisplayIsAskedForNoMessageAndSmallerLimitsAreKept) {
  const Bytes structure = piv::pinVerifyStructure({.canVerify = true, .maxDigits = 6});
  EXPECT_EQ(structure[5], 6);
  EXPECT_EQ(structure[6], 6);
  EXPECT_EQ(structure[8], 0);
  EXPECT_EQ(piv::pinVerifyStructure({.maxDigits = 255})[5], 8);
}

}  // namespace
}  // namespace fncard::card

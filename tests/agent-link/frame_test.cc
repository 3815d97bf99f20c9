// SPDX-License-Identifier: Apache-2.0
#include "agent-link/frame.h"

#include <gtest/gtest.h>

#include <limits>

namespace fncard::agent_link {
namespace {

using State = FrameReader::State;

TEST(FrameReader, PutsAMessageTogetherFromSingleBytes) {
  const Bytes message = {1, 2, 3};
  FrameReader reader(kMaxRequest);
  const Bytes frame = encodeFrame(message);
  for (std::size_t i = 0; i + 1 < frame.size(); ++i) {
    ASSERT_EQ(reader.feed(ByteView(frame).subspan(i, 1)), State::Incomplete) << i;
  }
  ASSERT_EQ(reader.feed(ByteView(frame).last(1)), State::Complete);
  EXPECT_EQ(Bytes(reader.payload().begin(), reader.payload().end()), message);
}

TEST(FrameReader, TakesTheLargestMessageAndNoneThatIsLarger) {
  FrameReader largest(kMaxRequest);
  EXPECT_EQ(largest.feed(encodeFrame(Bytes(kMaxRequest))), State::Complete);
  FrameReader tooLarge(kMaxRequest);
  EXPECT_EQ(tooLarge.feed(frameHeader(kMaxRequest + 1)), State::Malformed) << "by its header alone";
  FrameReader huge(kMaxRequest);
  EXPECT_EQ(huge.feed(frameHeader(std::numeric_limits<std::uint32_t>::max())), State::Malformed);
}

TEST(FrameReader, RefusesAnEmptyMessage) {
  FrameReader reader(kMaxRequest);
  EXPECT_EQ(reader.feed(frameHeader(0)), State::Malformed);
}

TEST(FrameReader, RefusesWhatComesAfterTheMessage) {
  Bytes frame = encodeFrame(Bytes{1});
  frame.push_back(2);
  FrameReader together(kMaxRequest);
  EXPECT_EQ(together.feed(frame), State::Malformed);
  FrameReader apart(kMaxRequest);
  EXPECT_EQ(apart.feed(encodeFrame(Bytes{1})), State::Complete);
  EXPECT_EQ(apart.feed(Bytes{2}), State::Malformed);
  EXPECT_EQ(apart.feed(Bytes{}), State::Malformed) << "it stays so";
}

}  // namespace
}  // namespace fncard::agent_link

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/control/stop_sequence.hpp"

#include "lib/msg/control_reader.hpp"

#include <gtest/gtest.h>

namespace kos::control {
namespace {

using namespace std::chrono_literals;

class StopSequenceTest : public ::testing::Test {
   protected:
    /// The one frame that is due.
    std::optional<msg::Frame> due() {
        const std::string bytes = sequence_.due(now_);
        reader_ = {};
        reader_.feed(as_bytes(bytes));
        return reader_.next().frame;
    }

    StopSequence::Time now_{1s};
    StopSequence sequence_{3, 70};
    msg::ControlReader reader_;
};

TEST_F(StopSequenceTest, WithoutASignalNothingIsSent) {
    EXPECT_EQ(sequence_.due(now_ + 1h), "");
    EXPECT_FALSE(sequence_.has_given_up(now_ + 1h));
    EXPECT_FALSE(sequence_.is_active());
}

TEST_F(StopSequenceTest, TheFirstSignalIsSentOnUntilItIsAcknowledged) {
    sequence_.signal(15, now_);
    const auto frame = due();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->type, msg::FrameType::Stop);
    EXPECT_EQ(frame->app, 3);
    const auto command = read_at<msg::StopCommand>(frame->payload, 0);
    ASSERT_TRUE(command);
    EXPECT_EQ(command->signal, 15u);
    EXPECT_EQ(command->milliseconds_to_kill, 10'000u);
    EXPECT_FALSE(due()) << "not again at once";
    now_ += 300ms;
    const auto again = due();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->sequence, frame->sequence);
    sequence_.acknowledged(again->sequence + 1);
    now_ += 300ms;
    EXPECT_TRUE(due()) << "another command was acknowledged";
    sequence_.acknowledged(again->sequence);
    now_ += 300ms;
    EXPECT_FALSE(due());
}

TEST_F(StopSequenceTest, TheSecondKillsAndTheThirdGivesUp) {
    sequence_.signal(2, now_);
    const auto first = due();
    sequence_.signal(2, now_);
    const auto second = due();
    ASSERT_TRUE(first && second);
    EXPECT_EQ(second->type, msg::FrameType::Kill);
    EXPECT_NE(first->sequence, second->sequence);
    EXPECT_FALSE(sequence_.has_given_up(now_));
    sequence_.signal(15, now_);
    EXPECT_TRUE(sequence_.has_given_up(now_));
    EXPECT_EQ(sequence_.first_signal(), 2);
}

TEST_F(StopSequenceTest, ATargetThatDoesNotAnswerIsGivenUp) {
    sequence_.signal(15, now_);
    EXPECT_FALSE(sequence_.has_given_up(now_ + 11s));
    EXPECT_TRUE(sequence_.has_given_up(now_ + 12s));
    now_ += 3s;
    sequence_.signal(15, now_);
    EXPECT_FALSE(sequence_.has_given_up(now_ + 1s));
    EXPECT_TRUE(sequence_.has_given_up(now_ + 2s));
}

}  // namespace
}  // namespace kos::control

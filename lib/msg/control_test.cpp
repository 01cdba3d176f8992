// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/msg/control_reader.hpp"
#include "lib/msg/control_writer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace kos::msg {
namespace {

struct Console {
    std::string bytes;
    ControlWriter writer{
        {.put = [](void* self,
                   std::string_view text) { static_cast<Console*>(self)->bytes += text; },
         .context = this}};
};

/// What a reader makes of a console.
struct Heard {
    std::string text;
    std::string output;
    std::vector<FrameType> types;
    std::uint64_t missing = 0;
};

Heard hear(std::string_view console, std::size_t step) {
    Heard heard;
    ControlReader reader;
    while (!console.empty()) {
        const std::size_t offered = std::min(step, console.size());
        console.remove_prefix(reader.feed(as_bytes(console.substr(0, offered))));
        for (auto event = reader.next(); !event.empty(); event = reader.next()) {
            heard.text += as_text(event.text);
            if (!event.frame) continue;
            heard.types.push_back(event.frame->type);
            if (is_visible(event.frame->type)) heard.output += as_text(event.frame->payload);
        }
    }
    heard.text += as_text(reader.rest());
    heard.missing = reader.missing();
    return heard;
}

TEST(ControlTest, FramesAreFoundAmongPlainText) {
    Console console;
    console.bytes += "Booting all finished, dropped to user space\n";
    console.writer.inventory({});
    console.writer.write(FrameType::Stdout, 0, as_bytes("hello\n"));
    console.bytes += "kernel: a line\n";
    console.writer.finished();
    const Heard heard = hear(console.bytes, 7);
    EXPECT_EQ(heard.text, "Booting all finished, dropped to user space\nkernel: a line\n");
    EXPECT_EQ(heard.output, "hello\n");
    EXPECT_EQ(heard.types,
              (std::vector{FrameType::Inventory, FrameType::Stdout, FrameType::Finished}));
    EXPECT_EQ(heard.missing, 0u);
}

TEST(ControlTest, APersonSeesOnlyTheVisiblePayloadBetweenEscapes) {
    Console console;
    console.writer.write(FrameType::Stdout, 0, as_bytes("hi"));
    EXPECT_TRUE(console.bytes.starts_with("\x1b_K"));
    EXPECT_TRUE(console.bytes.ends_with("\x1b\\hi"));
    EXPECT_EQ(console.bytes.size(), 3u + 32u + 2u + 2u);
}

TEST(ControlTest, ARecordArrivesAsItWasWritten) {
    Console console;
    UsageRecord sent;
    sent.untyped_bytes = 0x20'0000;
    sent.objects.frames = 42;
    console.writer.started(3, sent);
    ControlReader reader;
    ASSERT_EQ(reader.feed(as_bytes(console.bytes)), console.bytes.size());
    const auto event = reader.next();
    ASSERT_TRUE(event.frame);
    EXPECT_EQ(event.frame->app, 3);
    const auto received = read_at<UsageRecord>(event.frame->payload, 0);
    ASSERT_TRUE(received);
    EXPECT_EQ(received->untyped_bytes, 0x20'0000u);
    EXPECT_EQ(received->objects.frames, 42u);
}

TEST(ControlTest, LongOutputIsSplitIntoFrames) {
    Console console;
    const std::string output(3 * max_payload + 1, 'x');
    console.writer.write(FrameType::Stderr, 0, as_bytes(output));
    const Heard heard = hear(console.bytes, 1000);
    EXPECT_EQ(heard.output, output);
    EXPECT_EQ(heard.types.size(), 4u);
}

TEST(ControlTest, ADamagedFrameIsPlainTextAndItsLossIsCounted) {
    Console console;
    console.writer.write(FrameType::Stdout, 0, as_bytes("one"));
    const std::size_t second = console.bytes.size();
    console.writer.write(FrameType::Stdout, 0, as_bytes("two"));
    const std::size_t third = console.bytes.size();
    console.writer.write(FrameType::Stdout, 0, as_bytes("three"));
    console.bytes[third - 1] = 'x';
    const Heard heard = hear(console.bytes, console.bytes.size());
    EXPECT_EQ(heard.output, "onethree");
    EXPECT_EQ(heard.text, console.bytes.substr(second, third - second));
    EXPECT_EQ(heard.missing, 1u);
}

TEST(ControlTest, AFrameCutShortDoesNotSwallowTheNext) {
    Console console;
    console.writer.write(FrameType::Stdout, 0, as_bytes("lost in part"));
    console.bytes.resize(console.bytes.size() - 6);
    console.writer.write(FrameType::Stdout, 0, as_bytes("whole"));
    EXPECT_EQ(hear(console.bytes, 5).output, "whole");
}

TEST(ControlTest, AnUnfinishedFrameAtTheEndIsGivenBack) {
    EXPECT_EQ(hear("text \x1b_K00", 3).text, "text \x1b_K00");
}

RC_GTEST_PROP(ControlTest, NoByteOfAConsoleIsLostHoweverItIsCut, (std::string noise)) {
    Console console;
    const auto step = *rc::gen::inRange<std::size_t>(1, 64);
    console.bytes += noise;
    console.writer.write(FrameType::Stdout, 0, as_bytes("payload"));
    console.bytes += noise;
    const Heard heard = hear(console.bytes, step);
    RC_ASSERT(heard.text == noise + noise);
    RC_ASSERT(heard.output == "payload");
}

}  // namespace
}  // namespace kos::msg

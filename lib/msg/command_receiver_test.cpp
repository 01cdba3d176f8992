// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/msg/command_receiver.hpp"

#include "lib/msg/control_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <tuple>
#include <vector>

namespace kos::msg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = CommandReceiver::Kind;

const ConsoleSink into(std::string& text) {
    return {[](void* to, std::string_view bytes) { static_cast<std::string*>(to)->append(bytes); },
            &text};
}

std::string stop(std::uint8_t app, std::uint32_t sequence, std::uint32_t signal = 15) {
    std::string text;
    StopCommand command;
    command.signal = signal;
    command.milliseconds_to_kill = 10'000;
    put_frame(into(text), FrameType::Stop, app, sequence, bytes_of(command));
    return text;
}

using Taken = std::tuple<std::uint8_t, std::uint32_t, std::string>;  // app, sequence, payload

struct Heard {
    std::vector<Taken> commands;
    std::vector<std::uint32_t> repeated;
    std::vector<std::string> lines;
    std::string echo;
    int noise = 0;
};

void hear(CommandReceiver& receiver, std::string_view bytes, Heard& heard, std::size_t step = 5) {
    while (!bytes.empty()) {
        const std::size_t offered = std::min(step, bytes.size());
        bytes.remove_prefix(receiver.feed(as_bytes(bytes.substr(0, offered))));
        for (auto event = receiver.next(); event.kind != Kind::None; event = receiver.next()) {
            if (event.kind == Kind::Command) {
                heard.commands.emplace_back(event.frame.app, event.frame.sequence,
                                            as_text(event.frame.payload));
            }
            if (event.kind == Kind::Repeated) heard.repeated.push_back(event.frame.sequence);
            if (event.kind == Kind::Line) heard.lines.emplace_back(event.text);
            if (event.kind == Kind::Echo) heard.echo += event.text;
            if (event.kind == Kind::Noise) ++heard.noise;
        }
    }
}

Heard hear(std::string_view bytes) {
    CommandReceiver receiver;
    Heard heard;
    hear(receiver, bytes, heard);
    return heard;
}

std::vector<std::uint32_t> sequences(const Heard& heard) {
    std::vector<std::uint32_t> found;
    for (const Taken& taken : heard.commands) found.push_back(std::get<1>(taken));
    return found;
}

TEST(CommandReceiverTest, ACommandIsTakenOnceAndItsRepetitionIsTold) {
    const Heard heard = hear(stop(3, 7) + stop(3, 7) + stop(3, 8));
    EXPECT_THAT(sequences(heard), ElementsAre(7, 8));
    EXPECT_THAT(heard.repeated, ElementsAre(7));
    EXPECT_EQ(std::get<0>(heard.commands[0]), 3);
    EXPECT_EQ(heard.noise, 0);
    EXPECT_EQ(heard.echo, "");
}

TEST(CommandReceiverTest, TypedLinesAreEchoedAndCorrected) {
    const Heard heard = hear("pz\b\x7fps\r\n\r\nstop me\x15help\n");
    EXPECT_THAT(heard.lines, ElementsAre("ps", "help"));
    EXPECT_EQ(heard.echo, "pz\b \b\b \bpsstop me\r\nhelp");
}

TEST(CommandReceiverTest, FramesAndTypedLinesDoNotMix) {
    const Heard heard = hear("st" + stop(0, 1) + "op hello\n");
    EXPECT_THAT(sequences(heard), ElementsAre(1));
    EXPECT_THAT(heard.lines, ElementsAre("stop hello"));
}

TEST(CommandReceiverTest, OneByteThatCannotBeTypedSpoilsItsLine) {
    const Heard heard = hear("stop \xff hello\nps\n");
    EXPECT_THAT(heard.lines, ElementsAre("ps"));
    EXPECT_EQ(heard.noise, 1);
}

TEST(CommandReceiverTest, ALineThatIsTooLongIsNoise) {
    const Heard heard = hear(std::string(CommandReceiver::longest_line, 'a') + "\n" +
                             std::string(CommandReceiver::longest_line + 1, 'a') + "\n");
    EXPECT_EQ(heard.lines.size(), 1u);
    EXPECT_EQ(heard.noise, 1);
}

TEST(CommandReceiverTest, NoiseIsToldOnceUntilSomethingCounts) {
    EXPECT_EQ(hear("\x01\n\x02\n\x03\n\x04\n").noise, 1);
    EXPECT_EQ(hear("\x01\n\x02\nps\n\x04\n").noise, 2);
    EXPECT_EQ(hear("\x01\n" + stop(0, 0) + "\x04\n").noise, 2);
}

TEST(CommandReceiverTest, TheEchoOfOurOwnFramesIsNoCommand) {
    std::string console;
    ControlWriter writer{into(console)};
    writer.inventory({});
    writer.write(FrameType::Stdout, 0, as_bytes("stop hello\n"));
    const Heard heard = hear(console);
    EXPECT_THAT(heard.commands, IsEmpty());
    EXPECT_THAT(heard.lines, IsEmpty());
}

TEST(CommandReceiverTest, AFrameThatIsCutShortDoesNotSwallowTheNext) {
    const std::string whole = stop(0, 1);
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const Heard heard = hear(whole.substr(0, length) + stop(1, 2));
        EXPECT_THAT(sequences(heard), ElementsAre(2)) << length;
    }
}

/// Frames, noise and typed characters, then some of it altered, lost or doubled.
std::string damaged(std::string text) {
    const auto count = *rc::gen::inRange<std::size_t>(0, 12);
    for (std::size_t i = 0; i < count && !text.empty(); ++i) {
        const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
        switch (*rc::gen::inRange(0, 4)) {
            case 0:
                text[at] = static_cast<char>(text[at] ^ (1 << *rc::gen::inRange(0, 8)));
                break;
            case 1:
                text.erase(at, *rc::gen::inRange<std::size_t>(1, 40));
                break;
            case 2:
                text.insert(at, *rc::gen::string<std::string>());
                break;
            default:
                text.insert(at, text.substr(at, 20));
                break;
        }
    }
    return text;
}

RC_GTEST_PROP(CommandReceiverTest, NoDamageMakesAWrongCommandAndTheNextGoodOneIsTaken, ()) {
    std::string line;
    std::vector<Taken> sent;
    const auto count = *rc::gen::inRange<std::uint32_t>(1, 8);
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto app = *rc::gen::arbitrary<std::uint8_t>();
        const auto signal = *rc::gen::arbitrary<std::uint32_t>();
        line += stop(app, i, signal);
        StopCommand command;
        command.signal = signal;
        command.milliseconds_to_kill = 10'000;
        sent.emplace_back(app, i, as_text(bytes_of(command)));
    }
    CommandReceiver receiver;
    Heard heard;
    hear(receiver, damaged(line), heard, *rc::gen::inRange<std::size_t>(1, 200));
    for (const Taken& taken : heard.commands) {
        RC_ASSERT(std::find(sent.begin(), sent.end(), taken) != sent.end());
    }
    RC_ASSERT(heard.commands.size() <= sent.size());
    Heard after;
    hear(receiver, stop(1, 1000), after);
    RC_ASSERT(sequences(after) == std::vector<std::uint32_t>{1000});
}

RC_GTEST_PROP(CommandReceiverTest, AtAWrongBaudRateNothingIsTaken, ()) {
    // Each byte as a receiver at twice the rate samples it: bits doubled, cut in frames of ten.
    std::vector<bool> wire;
    for (const char byte : stop(*rc::gen::arbitrary<std::uint8_t>(), 1)) {
        const unsigned frame = 0x200u | static_cast<unsigned char>(byte) << 1;
        for (unsigned bit = 0; bit < 10; ++bit) {
            wire.push_back(((frame >> bit) & 1) != 0);
            wire.push_back(((frame >> bit) & 1) != 0);
        }
    }
    std::string garbage;
    for (std::size_t at = 0; at + 10 <= wire.size();) {
        if (wire[at]) {  // idle
            ++at;
            continue;
        }
        unsigned byte = 0;
        for (unsigned bit = 0; bit < 8; ++bit) byte |= unsigned{wire[at + 1 + bit]} << bit;
        garbage.push_back(static_cast<char>(byte));
        at += 10;
    }
    const Heard heard = hear(garbage + stop(2, 2));
    RC_ASSERT(sequences(heard) == std::vector<std::uint32_t>{2});
    RC_ASSERT(heard.noise == 1);
}

}  // namespace
}  // namespace kos::msg

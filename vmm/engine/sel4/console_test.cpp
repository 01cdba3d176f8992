// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/sel4/console.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace kos::vmm {
namespace {

struct Pieces final : ConsoleOutput {
    void write(Bytes bytes) override { pieces.emplace_back(as_text(bytes)); }
    std::vector<std::string> pieces;
};

TEST(GuestOutputTest, ALineIsOnePiece) {
    Pieces sink;
    GuestOutput output{sink};
    for (const char each : std::string{"hello\nhalf"}) output.write(as_bytes({&each, 1}));
    EXPECT_EQ(sink.pieces, std::vector<std::string>{"hello\n"});
    output.flush();
    output.flush();
    EXPECT_EQ(sink.pieces, (std::vector<std::string>{"hello\n", "half"}));
}

TEST(GuestOutputTest, OnlyTheFirstPortIsTheConsole) {
    Pieces sink;
    GuestOutput output{sink};
    output.output(1, as_bytes("other\n"));
    output.output(0, as_bytes("console\n"));
    EXPECT_EQ(sink.pieces, std::vector<std::string>{"console\n"});
}

TEST(ConsoleTailTest, TheLastLinesAreKept) {
    ConsoleTail tail;
    for (int i = 0; i < 2000; ++i) tail.write(as_bytes("line " + std::to_string(i) + "\n"));
    tail.write(as_bytes("the end"));
    std::vector<std::string> lines;
    tail.lines([&](std::string_view line) { lines.emplace_back(line); });
    EXPECT_EQ(lines.back(), "the end");
    EXPECT_EQ(lines[lines.size() - 2], "line 1999");
    EXPECT_GT(lines.size(), 800u);
    EXPECT_LT(lines.size(), 900u);
}

TEST(ConsoleTailTest, EndsOfLinesAreLeftOut) {
    ConsoleTail tail;
    tail.write(as_bytes("one\r\n\ntwo\n"));
    std::vector<std::string> lines;
    tail.lines([&](std::string_view line) { lines.emplace_back(line); });
    EXPECT_EQ(lines, (std::vector<std::string>{"one", "two"}));
}

RC_GTEST_PROP(GuestOutputProperty, NothingIsLost, (const std::vector<std::string>& parts)) {
    Pieces sink;
    GuestOutput output{sink};
    std::string expected, got;
    for (const std::string& part : parts) {
        std::string whole;
        while (whole.size() < 700) whole += part + "x";
        expected += whole;
        output.write(as_bytes(whole));
    }
    output.flush();
    for (const std::string& piece : sink.pieces) got += piece;
    RC_ASSERT(got == expected);
}

}  // namespace
}  // namespace kos::vmm

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

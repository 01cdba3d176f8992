// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/run/labelled_output.hpp"

#include <gtest/gtest.h>

namespace kos::run {
namespace {

class LabelledOutputTest : public testing::Test {
   protected:
    LabelledOutput make(bool in_colour) {
        return {{"client", "db"}, in_colour, [this](bool is_error, std::string_view line) {
                    (is_error ? errors_ : output_) += line;
                }};
    }
    std::string output_, errors_;
};

TEST_F(LabelledOutputTest, LinesStandBehindNamesOfOneWidth) {
    LabelledOutput output = make(false);
    output.app_output(0, false, as_bytes("one\n\ntwo\n"));
    output.app_output(1, true, as_bytes("three\n"));
    EXPECT_EQ(output_, "client  | one\nclient  | \nclient  | two\n");
    EXPECT_EQ(errors_, "db      | three\n");
}

TEST_F(LabelledOutputTest, ALineIsOneHoweverItArrives) {
    LabelledOutput output = make(false);
    output.app_output(0, false, as_bytes("a"));
    output.app_output(1, false, as_bytes("b\n"));
    output.app_output(0, true, as_bytes("error"));
    output.app_output(0, false, as_bytes("c\nrest"));
    EXPECT_EQ(output_, "db      | b\nclient  | ac\n");
    output.flush(0);
    output.flush(0);
    EXPECT_EQ(output_, "db      | b\nclient  | ac\nclient  | rest\n");
    EXPECT_EQ(errors_, "client  | error\n");
}

TEST_F(LabelledOutputTest, EveryAppHasItsColourOnATerminal) {
    LabelledOutput output = make(true);
    output.app_output(0, false, as_bytes("x\n"));
    output.app_output(1, false, as_bytes("y\n"));
    EXPECT_EQ(output_, "\x1b[36mclient  | \x1b[0mx\n\x1b[33mdb      | \x1b[0my\n");
}

TEST_F(LabelledOutputTest, ALineWithoutEndIsCutAndAnUnknownAppIgnored) {
    LabelledOutput output = make(false);
    output.app_output(0, false, as_bytes(std::string(100'000, 'x')));
    EXPECT_GT(output_.size(), 60'000u);
    EXPECT_LT(output_.size(), 70'000u);
    output.app_output(7, false, as_bytes("x\n"));
    output.flush(7);
    EXPECT_LT(output_.size(), 70'000u);
}

}  // namespace
}  // namespace kos::run

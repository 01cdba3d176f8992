// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "tests/contract/transcript.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kos::contract {
namespace {

using ::testing::ElementsAre;

TEST(ContractTranscriptTest, TheProgramsLinesAreToldFromTheKernels) {
    Transcript transcript;
    transcript.receive(as_bytes("Booting\r\n@boot a 1\n<<seL4(CPU 0)"));
    transcript.receive(as_bytes(" error>>\r\n@trace 7 0x12\n"));
    EXPECT_FALSE(transcript.finished());
    transcript.receive(as_bytes("@end\n"));
    EXPECT_TRUE(transcript.finished());
    EXPECT_THAT(transcript.lines(), ElementsAre("boot a 1", "trace 7 0x12", "end"));
    EXPECT_THAT(transcript.lines_of("trace"), ElementsAre("trace 7 0x12"));
}

TEST(ContractTranscriptTest, TheFirstDifferenceIsFound) {
    EXPECT_FALSE(first_difference({"a", "b"}, {"a", "b"}));
    const auto difference = first_difference({"a", "b", "c"}, {"a", "x", "y"});
    ASSERT_TRUE(difference);
    EXPECT_EQ(difference->line, 1u);
    EXPECT_EQ(difference->simulated, "b");
    EXPECT_EQ(difference->real, "x");
}

TEST(ContractTranscriptTest, AMissingLineIsADifference) {
    const auto difference = first_difference({"a"}, {"a", "b"});
    ASSERT_TRUE(difference);
    EXPECT_EQ(difference->line, 1u);
    EXPECT_EQ(difference->simulated, "");
}

TEST(ContractTranscriptTest, ATraceLineTellsItsSeed) {
    EXPECT_EQ(seed_of("trace 42 0x1234"), 42u);
    EXPECT_EQ(seed_of("cover Send returned 3"), std::nullopt);
}

}  // namespace
}  // namespace kos::contract

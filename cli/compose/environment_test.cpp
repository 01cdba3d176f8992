// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/compose/environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kos::compose {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

const Variables variables{{"NAME", "value"}, {"EMPTY", ""}, {"OTHER", "other"}};

std::string interpolated(const std::string& text) {
    auto result = interpolate(text, variables, "f:1:1", [](const std::string&) {});
    return result ? std::move(result).value() : to_string(result.error());
}

TEST(InterpolationTest, EveryFormOfTheSpecificationIsReplaced) {
    EXPECT_EQ(interpolated("no variable"), "no variable");
    EXPECT_EQ(interpolated("a $NAME b"), "a value b");
    EXPECT_EQ(interpolated("${NAME}${OTHER}"), "valueother");
    EXPECT_EQ(interpolated("$$NAME $${NAME}"), "$NAME ${NAME}");
    EXPECT_EQ(interpolated("${NAME:-default}"), "value");
    EXPECT_EQ(interpolated("${MISSING:-default}"), "default");
    EXPECT_EQ(interpolated("${EMPTY:-default}"), "default");
    EXPECT_EQ(interpolated("${EMPTY-default}"), "");
    EXPECT_EQ(interpolated("${MISSING-default}"), "default");
    EXPECT_EQ(interpolated("${NAME:+other}"), "other");
    EXPECT_EQ(interpolated("${EMPTY:+other}"), "");
    EXPECT_EQ(interpolated("${EMPTY+other}"), "other");
    EXPECT_EQ(interpolated("${MISSING+other}"), "");
    EXPECT_EQ(interpolated("${NAME:?message}"), "value");
    EXPECT_EQ(interpolated("${EMPTY?message}"), "");
}

TEST(InterpolationTest, OperandsAreInterpolatedInTheirTurn) {
    EXPECT_EQ(interpolated("${MISSING:-${OTHER}}"), "other");
    EXPECT_EQ(interpolated("${MISSING:-${ALSO_MISSING:-deep $NAME}}"), "deep value");
}

TEST(InterpolationTest, WhatCannotBeReplacedIsRefused) {
    EXPECT_THAT(interpolated("${MISSING:?give it}"), HasSubstr("MISSING is not set: give it"));
    EXPECT_THAT(interpolated("${EMPTY:?}"), HasSubstr("EMPTY is not set"));
    EXPECT_THAT(interpolated("${NAME"), HasSubstr("${NAME is not closed"));
    EXPECT_THAT(interpolated("${NAME:-x"), HasSubstr("${NAME is not closed"));
    EXPECT_THAT(interpolated("${NAME!x}"), HasSubstr("unknown operator"));
    EXPECT_THAT(interpolated("cost: 5 $ each"), HasSubstr("write $$"));
    EXPECT_THAT(interpolated("${1}"), HasSubstr("not followed by a variable's name"));
}

TEST(InterpolationTest, AVariableWithoutAValueIsTold) {
    std::vector<std::string> told;
    const auto warn = [&](const std::string& name) { told.push_back(name); };
    const auto result =
        interpolate("$MISSING ${ALSO} ${NAME:-$UNUSED} ${GONE:-x}", variables, "f", warn);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(*result, "  value x");
    EXPECT_THAT(told, ElementsAre("MISSING", "ALSO"));
}

TEST(EnvironmentFileTest, ItsFormsAreRead) {
    const auto parsed = parse_environment_file(
        "# a comment\n\nA=1\nexport B = two words # said aside\nC='$A stays'\nD=\"${A}\\n\"\r\n"
        "E=$A$NAME\nF=\nNAME\nNOT_KNOWN\nG=a#b\n",
        ".env", variables);
    ASSERT_TRUE(parsed.ok()) << to_string(parsed.error());
    EXPECT_THAT(*parsed, ElementsAre(Pair("A", "1"), Pair("B", "two words"), Pair("C", "$A stays"),
                                     Pair("D", "1\n"), Pair("E", "1value"), Pair("F", ""),
                                     Pair("G", "a#b"), Pair("NAME", "value")));
}

TEST(EnvironmentFileTest, AWrongLineIsNamed) {
    const auto unquoted = parse_environment_file("A=1\nB='open\n", ".env", {});
    ASSERT_FALSE(unquoted.ok());
    EXPECT_EQ(unquoted.error().where, ".env:2");
    const auto nameless = parse_environment_file("= x\n", ".env", {});
    ASSERT_FALSE(nameless.ok());
    EXPECT_EQ(nameless.error().detail, "it is not NAME=value");
}

}  // namespace
}  // namespace kos::compose

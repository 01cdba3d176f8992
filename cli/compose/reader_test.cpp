// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/compose/reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kos::compose {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Value scalar(std::string text) {
    Value value;
    value.kind = Value::Kind::Scalar;
    value.text = std::move(text);
    value.position = {std::make_shared<const std::string>("compose.yaml"), 3, 7};
    return value;
}

TEST(ReaderTest, AliasesDoNotMakeASmallFileALargeDocument) {
    const std::string longest(1 << 20, 'x');
    std::string tens = "- &a [0]\n";
    for (char name = 'a'; name < 'f'; ++name) {
        const std::string alias = std::string{"*"} + name;
        tens += std::string{"- &"} + static_cast<char>(name + 1) + " [" + alias;
        for (int i = 1; i < 10; ++i) tens += ", " + alias;
        tens += "]\n";
    }
    const std::pair<std::string, const char*> documents[]{
        {"- &a " + longest + "\n", "- *a\n"},
        {"- &a {? " + longest + "\n : 1}\n", "- *a\n"},
        {tens, "- *f\n"},
    };
    for (const auto& [anchors, alias] : documents) {
        std::string text = anchors;
        for (int i = 0; i < 20; ++i) text += alias;
        const auto value = parse_yaml(text, "compose.yaml");
        ASSERT_FALSE(value.ok()) << text.substr(0, 20);
        EXPECT_EQ(value.error().where.substr(0, 13), "compose.yaml:");
        EXPECT_THAT(value.error().detail, HasSubstr("200,000 values or 16 MiB of text"));
    }
}

TEST(ReaderTest, DurationsAddTheirParts) {
    EXPECT_EQ(*read_duration(scalar("1m30s")), seconds{90});
    EXPECT_EQ(*read_duration(scalar("500ms")), milliseconds{500});
    EXPECT_EQ(*read_duration(scalar("1.5s")), milliseconds{1500});
    EXPECT_EQ(*read_duration(scalar("2h")), minutes{120});
    EXPECT_EQ(*read_duration(scalar("0")), seconds{0});
    for (const char* const wrong : {"10", "s", "1x", "-1s", "1s 2s", "", "1e3s"}) {
        EXPECT_FALSE(read_duration(scalar(wrong)).ok()) << wrong;
    }
}

TEST(ReaderTest, BytesHaveUnitsOf1024) {
    EXPECT_EQ(*read_bytes(scalar("1024")), 1024u);
    EXPECT_EQ(*read_bytes(scalar("64m")), 64u << 20);
    EXPECT_EQ(*read_bytes(scalar("1.5GB")), 3u << 29);
    EXPECT_EQ(*read_bytes(scalar("2kb")), 2048u);
    for (const char* const wrong : {"", "m", "12x", "-1m", "1m2", "99999999999999g"}) {
        EXPECT_FALSE(read_bytes(scalar(wrong)).ok()) << wrong;
    }
}

TEST(ReaderTest, NumbersKeepToTheirRange) {
    EXPECT_EQ(*read_number(scalar("255"), 0, 255), 255u);
    EXPECT_FALSE(read_number(scalar("256"), 0, 255).ok());
    EXPECT_FALSE(read_number(scalar("18446744073709551616"), 0, UINT64_MAX).ok());
    EXPECT_FALSE(read_number(scalar("1 "), 0, 255).ok());
    EXPECT_EQ(*read_mode(scalar("0444")), 0444u);
    EXPECT_FALSE(read_mode(scalar("0948")).ok());
}

TEST(ReaderTest, ALineIsSplitAsAShellDoes) {
    EXPECT_THAT(*read_command(scalar("a 'b c' \"d \\\" $x\" e\\ f ''")),
                ElementsAre("a", "b c", "d \" $x", "e f", ""));
    EXPECT_FALSE(read_command(scalar("a 'b")).ok());
    EXPECT_FALSE(read_command(scalar("a\\")).ok());
}

TEST(ReaderTest, AnErrorNamesThePlaceTheValueAndWhatItShouldBe) {
    const auto read = read_bool(scalar("yes"));
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(to_string(read.error()),
              "KOS-E-COMPOSE-VALUE: compose.yaml:3:7: the compose file has a value that it cannot "
              "have: yes: it should be true or false\n  what to do: give a value as described");
}

TEST(ReaderTest, TheNearestNameIsSuggestedWhereOneIsNear) {
    constexpr std::string_view names[] = {"image", "environment", "command"};
    EXPECT_EQ(nearest("enviroment", names), "environment");
    EXPECT_EQ(nearest("imgae", names), "image");
    EXPECT_EQ(nearest("something", names), "");
}

}  // namespace
}  // namespace kos::compose

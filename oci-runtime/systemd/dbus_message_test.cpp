// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/systemd/dbus_message.hpp"

#include <gtest/gtest.h>

namespace kos::oci {
namespace {

using namespace std::string_literals;

const DbusCall example{"a.b", "/p", "i.f", "Do", "s"};

std::string example_body() {
    DbusWriter body;
    body.string("x");
    return body.text();
}

// By hand from the specification: each field is a byte and a variant, aligned to 8.
TEST(DbusMessage, ACallHasTheBytesOfTheSpecification) {
    const std::string expected =
        "l\1\0\1"s + "\6\0\0\0"s + "\7\0\0\0"s + "\x47\0\0\0"s + "\1\1o\0\2\0\0\0/p\0\0\0\0\0\0"s +
        "\2\1s\0\3\0\0\0i.f\0\0\0\0\0"s.substr(0, 16) + "\3\1s\0\2\0\0\0Do\0\0\0\0\0\0"s +
        "\6\1s\0\3\0\0\0a.b\0\0\0\0\0"s.substr(0, 16) + "\x8\1g\0\1s\0\0"s.substr(0, 8) +
        "\1\0\0\0x\0"s;
    const std::string message = to_message(example, 7, example_body());
    EXPECT_EQ(message, expected);
}

TEST(DbusMessage, IsReadBackAsItWasWritten) {
    const std::string text = to_message(example, 7, example_body());
    EXPECT_EQ(size_of_message(text), text.size());
    const auto message = parse_message(text);
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(message->kind, DbusKind::Call);
    EXPECT_EQ(message->member, "Do");
    std::size_t offset = 0;
    EXPECT_EQ(message->string_at(offset), "x");
    EXPECT_EQ(message->string_at(offset), std::nullopt);
}

TEST(DbusMessage, WhatIsCutOrDamagedGivesNothingAndReadsNothingElse) {
    const std::string text = to_message(example, 7, example_body());
    for (std::size_t size = 0; size < text.size(); ++size) {
        EXPECT_FALSE(parse_message(text.substr(0, size)).has_value()) << size;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string damaged = text;
        damaged[i] = static_cast<char>(0xff);
        const auto message = parse_message(damaged);
        if (!message) continue;
        std::size_t offset = 0;
        static_cast<void>(message->string_at(offset));
        EXPECT_LE(offset, message->body.size());
    }
}

}  // namespace
}  // namespace kos::oci

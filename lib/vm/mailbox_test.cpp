// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/vm/mailbox.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kos::vm {
namespace {

TEST(MailboxTest, OnePieceWaitsUntilItIsTaken) {
    Mailbox mailbox{};
    std::string taken;
    const auto take = [&] { return mailbox.take([&](Bytes bytes) { taken += as_text(bytes); }); };
    EXPECT_FALSE(take());
    EXPECT_TRUE(mailbox.put(as_bytes("one")));
    EXPECT_FALSE(mailbox.put(as_bytes("two")));
    EXPECT_TRUE(take()) << "the next one waits";
    EXPECT_FALSE(take());
    EXPECT_EQ(taken, "one");
    EXPECT_TRUE(mailbox.put(as_bytes("three")));
    EXPECT_FALSE(take()) << "nothing waits";
    EXPECT_EQ(taken, "onethree");
}

TEST(MailboxTest, WhatDoesNotFitIsNotTaken) {
    Mailbox mailbox{};
    EXPECT_FALSE(mailbox.put(as_bytes(std::string(Mailbox::capacity + 1, 'x'))));
    EXPECT_TRUE(mailbox.put(as_bytes(std::string(Mailbox::capacity, 'x'))));
    std::size_t size = 0;
    EXPECT_FALSE(mailbox.take([&](Bytes bytes) { size = bytes.size(); }));
    EXPECT_EQ(size, Mailbox::capacity);
}

TEST(MailboxTest, ASizeThatIsNoneIsCutOff) {
    Mailbox mailbox{};
    mailbox.size = 1u << 30;
    std::size_t size = 0;
    EXPECT_FALSE(mailbox.take([&](Bytes bytes) { size = bytes.size(); }));
    EXPECT_EQ(size, Mailbox::capacity);
}

}  // namespace
}  // namespace kos::vm

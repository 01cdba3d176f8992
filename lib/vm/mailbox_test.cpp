// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/vm/mailbox.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

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

/// What the other end does before one of an end's accesses: once, after `accesses` others.
struct Between {
    std::function<void()> act;
    int accesses = 0;

    void access() {
        if (act && accesses-- == 0) std::exchange(act, nullptr)();
    }
} between;

template <class T>
class Watched {
   public:
    operator T() const {  // NOLINT(google-explicit-constructor): as std::atomic
        between.access();
        return value_;
    }
    Watched& operator=(T value) {
        exchange(value);
        return *this;
    }
    T exchange(T value) {
        between.access();
        return std::exchange(value_, value);
    }

   private:
    T value_ = 0;
};

/// The root server puts "two" while "one" waits, and the VMM takes what there is, one of them in
/// the midst of the other. Whoever was refused is told of room then, or by the next take.
struct Race {
    BasicMailbox<Watched> mailbox{};
    std::string taken;
    bool is_put = false, is_told = false;

    Race() { EXPECT_TRUE(mailbox.put(as_bytes("one"))); }
    void put() { is_put = mailbox.put(as_bytes("two")); }
    void take() {
        if (mailbox.take([&](Bytes bytes) { taken += as_text(bytes); })) is_told = true;
    }
    /// Whether the other end acted at all.
    bool run(int accesses, void (Race::*one)(), void (Race::*other)()) {
        between = {[&] { (this->*other)(); }, accesses};
        (this->*one)();
        if (std::exchange(between, {}).act) return false;
        take();
        if (!is_put) {
            EXPECT_TRUE(is_told) << "before access " << accesses;
            put();
            take();
        }
        EXPECT_TRUE(is_put);
        EXPECT_EQ(taken, "onetwo") << "before access " << accesses;
        return true;
    }
};

TEST(MailboxTest, RoomThatAppearsWhileAPieceIsPutDoesNotGoUnnoticed) {
    int accesses = 0;
    while (Race{}.run(accesses, &Race::put, &Race::take)) ++accesses;
    EXPECT_EQ(accesses, 3) << "a look, the wish, another look";
}

TEST(MailboxTest, APieceThatIsPutWhileAnotherIsTakenWaitsOrIsToldOfRoom) {
    int accesses = 0;
    while (Race{}.run(accesses, &Race::take, &Race::put)) ++accesses;
    EXPECT_EQ(accesses, 3) << "a look, room, whether it is waited for";
}

}  // namespace
}  // namespace kos::vm

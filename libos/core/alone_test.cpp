// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An app of one thread, as most are: nobody is kept from a lock, and only servers wake it.
#include "libos/core/lock.hpp"
#include "libos/core/platform.hpp"
#include "libos/files/activity.hpp"
#include "libos/testing/app.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <future>
#include <thread>

namespace kos::libos {
namespace {

using testing::address_of;
using testing::App;
namespace number = testing::number;

constexpr std::uint64_t millisecond = 1'000'000;
constexpr std::uint64_t hour = 3'600'000 * millisecond;

class AloneTest : public ::testing::Test {
   protected:
    AloneTest() {
        has_threads = false;
        std::array<int, 2> ends{};
        app_.must_call(number::pipe2, {address_of(ends.data()), 0});
        reader_ = static_cast<Word>(ends[0]);
        writer_ = static_cast<Word>(ends[1]);
    }
    Word poll(std::uint64_t nanoseconds) {
        abi::PollEntry entry{static_cast<int>(reader_), abi::PollEntry::in, 0};
        const abi::TimeSpec longest{0, static_cast<std::int64_t>(nanoseconds)};
        return app_.must_call(number::ppoll, {address_of(&entry), 1, address_of(&longest)});
    }
    std::string read() {
        std::string text(64, '\0');
        text.resize(app_.must_call(number::read, {reader_, address_of(text.data()), text.size()}));
        return text;
    }
    void write(std::string_view text) {
        app_.must_call(number::write, {writer_, address_of(text.data()), text.size()});
    }

    App app_;
    Word reader_ = 0, writer_ = 0;
};

TEST_F(AloneTest, TheFirstLookAndTheSecondCostNoRequest) {
    const std::uint64_t before = app_.manager.requests;
    Activity::Watch watch{app_.process().activity};
    EXPECT_TRUE(watch.wait(read_counter() + hour));
    EXPECT_EQ(app_.manager.requests, before);
}

TEST_F(AloneTest, AWaitEndsAtASignal) {
    Activity::Watch watch{app_.process().activity};
    for (int look = 0; look < 3; ++look) {
        EXPECT_TRUE(watch.wait()) << "another look is due";
        app_.manager.signal(0);
        EXPECT_TRUE(watch.wait());
    }
}

TEST_F(AloneTest, AWaitEndsAtItsTime) {
    Activity::Watch watch{app_.process().activity};
    EXPECT_TRUE(watch.wait());
    const std::uint64_t deadline = read_counter() + 5 * millisecond;
    EXPECT_TRUE(watch.wait(deadline)) << "what has come until then is looked for";
    EXPECT_GE(read_counter(), deadline);
    EXPECT_FALSE(watch.wait(deadline));
}

TEST_F(AloneTest, PollWaitsForItsTimeAndNotForWhatIsThere) {
    const std::uint64_t start = read_counter();
    EXPECT_EQ(poll(5 * millisecond), 0u);
    EXPECT_GE(read_counter(), start + 5 * millisecond);
    write("there");
    const std::uint64_t before = app_.manager.requests;
    EXPECT_EQ(poll(5 * millisecond), 1u);
    EXPECT_EQ(app_.manager.requests, before);
    EXPECT_EQ(read(), "there");
}

TEST_F(AloneTest, ASignalFromBeforeEndsNoPollEarly) {
    app_.manager.signal(0);
    const std::uint64_t start = read_counter();
    EXPECT_EQ(poll(5 * millisecond), 0u);
    EXPECT_GE(read_counter(), start + 5 * millisecond);
}

TEST_F(AloneTest, ALockThatIsHeldKeepsOutAThreadThatStartsThen) {
    Lock lock;
    lock.acquire();
    has_threads = true;
    std::promise<void> start;
    auto other = std::async(std::launch::async, [&] {
        start.set_value();
        const Locked locked(lock);
    });
    start.get_future().wait();
    EXPECT_EQ(other.wait_for(std::chrono::milliseconds{10}), std::future_status::timeout);
    lock.release();
    other.get();
}

TEST_F(AloneTest, ThreadsWakeEachOtherFromTheFirstOnThatIsStarted) {
    // What is counted alone leaves nothing behind.
    EXPECT_EQ(poll(millisecond), 0u);
    constexpr Word pthread_flags = 0xd0f00;  // CLONE_VM | FS | FILES | SIGHAND | THREAD | …
    app_.must_call(number::clone, {pthread_flags, 0x8000});
    ASSERT_TRUE(has_threads);
    std::string got;
    std::thread reader([&] {
        app_.manager.enter(1);
        got = read();
    });
    app_.manager.await_sleepers(1);
    write("at last");
    reader.join();
    EXPECT_EQ(got, "at last");
}

}  // namespace
}  // namespace kos::libos

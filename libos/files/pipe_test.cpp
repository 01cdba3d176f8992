// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Pipes, event counters and what waits for them.
#include "libos/testing/app.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>

namespace kos::libos {
namespace {

using testing::address_of;
using testing::App;
namespace number = testing::number;

class PipeTest : public ::testing::Test {
   protected:
    PipeTest() { make(0); }

    void make(Word flags) {
        std::array<int, 2> ends{};
        app_.must_call(number::pipe2, {address_of(ends.data()), flags});
        reader_ = static_cast<Word>(ends[0]);
        writer_ = static_cast<Word>(ends[1]);
    }
    Word write(std::string_view text) {
        return app_.must_call(number::write, {writer_, address_of(text.data()), text.size()});
    }
    std::string read(std::size_t size = 64) {
        std::string text(size, '\0');
        text.resize(app_.must_call(number::read, {reader_, address_of(text.data()), size}));
        return text;
    }
    Word watch(Word file, std::uint32_t events) {
        const Word epoll = app_.must_call(number::epoll_create1, {0});
        const abi::EpollEvent event{events, 0, 42};
        app_.must_call(number::epoll_ctl, {epoll, 1, file, address_of(&event)});
        return epoll;
    }
    Word ready(Word epoll, int milliseconds = 0) {
        std::array<abi::EpollEvent, 4> events{};
        const Word count = app_.must_call(
            number::epoll_pwait,
            {epoll, address_of(events.data()), events.size(), static_cast<Word>(milliseconds)});
        if (count > 0) {
            EXPECT_EQ(events[0].data, 42u);
        }
        return count;
    }

    App app_;
    Word reader_ = 0, writer_ = 0;
};

constexpr std::uint32_t in = abi::PollEntry::in, edge_triggered = 1u << 31;

TEST_F(PipeTest, GivesWhatWasPutIn) {
    EXPECT_EQ(write("hello"), 5u);
    EXPECT_EQ(read(2), "he");
    EXPECT_EQ(read(), "llo");
}

TEST_F(PipeTest, EndsWhenNobodyWrites) {
    write("x");
    app_.must_call(number::close, {writer_});
    EXPECT_EQ(read(), "x");
    EXPECT_EQ(read(), "");
}

TEST_F(PipeTest, WritingToNobodyIsFatal) {
    app_.must_call(number::close, {reader_});
    try {
        write("x");
        FAIL() << "the app lives on";
    } catch (const testing::AppExited& exited) {
        EXPECT_EQ(exited.wait_status, 13u);
    }
}

TEST_F(PipeTest, WritingToNobodyFailsWhereTheSignalIsIgnored) {
    const abi::SignalAction ignore{abi::SignalAction::ignore, 0, 0, 0};
    app_.must_call(number::rt_sigaction, {13, address_of(&ignore), 0, 8});
    app_.must_call(number::close, {reader_});
    EXPECT_EQ(app_.error_of(number::write, {writer_, address_of("x"), 1}), Errno::Epipe);
}

TEST_F(PipeTest, NeitherEndBlocksWhereThatIsNotWanted) {
    make(abi::open_flag::nonblock);
    std::array<char, 8> text{};
    EXPECT_EQ(app_.error_of(number::read, {reader_, address_of(text.data()), 8}), Errno::Eagain);
    const std::string block(Pipe::capacity, 'x');
    EXPECT_EQ(write(block), block.size());
    EXPECT_EQ(app_.error_of(number::write, {writer_, address_of("y"), 1}), Errno::Eagain);
    EXPECT_EQ(read(block.size()), block);
}

TEST_F(PipeTest, AThreadThatReadsWaitsForOneThatWrites) {
    std::string got;
    std::thread other([&] {
        app_.manager.enter(1);
        got = read();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
    write("at last");
    other.join();
    EXPECT_EQ(got, "at last");
}

TEST_F(PipeTest, MoreThanAPipeHoldsPassesThroughIt) {
    std::string text(5 * Pipe::capacity / 2, '\0');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 7);
    std::thread other([&] {
        app_.manager.enter(1);
        write(text);
        app_.must_call(number::close, {writer_});
    });
    std::string got;
    for (std::string part = read(1000); !part.empty(); part = read(1000)) got += part;
    other.join();
    EXPECT_EQ(got, text);
}

TEST_F(PipeTest, EpollTellsWhenThereIsSomethingToRead) {
    const Word epoll = watch(reader_, in);
    EXPECT_EQ(ready(epoll), 0u);
    write("x");
    EXPECT_EQ(ready(epoll), 1u);
    EXPECT_EQ(ready(epoll), 1u);
    read();
    EXPECT_EQ(ready(epoll), 0u);
}

TEST_F(PipeTest, AnEdgeIsToldOnce) {
    const Word epoll = watch(reader_, in | edge_triggered);
    write("x");
    EXPECT_EQ(ready(epoll), 1u);
    EXPECT_EQ(ready(epoll), 0u);
    write("y");
    EXPECT_EQ(ready(epoll), 1u);
}

TEST_F(PipeTest, EpollWakesAWaitingThread) {
    const Word epoll = watch(reader_, in);
    Word count = 0;
    std::thread other([&] {
        app_.manager.enter(1);
        count = ready(epoll, -1);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
    write("x");
    other.join();
    EXPECT_EQ(count, 1u);
}

TEST_F(PipeTest, EpollForgetsClosedFiles) {
    const Word epoll = watch(reader_, in);
    write("x");
    app_.must_call(number::close, {reader_});
    EXPECT_EQ(ready(epoll), 0u);
}

TEST_F(PipeTest, EpollRefusesRegularFiles) {
    const Word epoll = app_.must_call(number::epoll_create1, {0});
    const Word file =
        app_.must_call(number::openat, {testing::at_working_directory, address_of("/foo.txt"), 0});
    const abi::EpollEvent event{in, 0, 1};
    EXPECT_EQ(app_.error_of(number::epoll_ctl, {epoll, 1, file, address_of(&event)}), Errno::Eperm);
}

TEST_F(PipeTest, EpollWaitsNoLongerThanItMay) {
    const Word epoll = watch(reader_, in);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(ready(epoll, 10), 0u);
    EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds{10});
}

TEST_F(PipeTest, PollTellsBothEnds) {
    std::array entries{abi::PollEntry{static_cast<int>(reader_), in, 0},
                       abi::PollEntry{static_cast<int>(writer_), abi::PollEntry::out, 0},
                       abi::PollEntry{99, in, 0}};
    const abi::TimeSpec now{0, 0};
    EXPECT_EQ(app_.must_call(number::ppoll,
                             {address_of(entries.data()), entries.size(), address_of(&now)}),
              2u);
    EXPECT_EQ(entries[0].returned, 0u);
    EXPECT_EQ(entries[1].returned, abi::PollEntry::out);
    EXPECT_EQ(entries[2].returned, abi::PollEntry::invalid);
}

TEST_F(PipeTest, SelectTellsWhatIsReady) {
    write("x");
    std::array<std::uint64_t, 1> readable{1ull << reader_}, writable{1ull << writer_};
    const abi::TimeSpec now{0, 0};
    EXPECT_EQ(app_.must_call(number::pselect6, {writer_ + 1, address_of(readable.data()),
                                                address_of(writable.data()), 0, address_of(&now)}),
              2u);
    EXPECT_EQ(readable[0], 1ull << reader_);
    EXPECT_EQ(writable[0], 1ull << writer_);
}

TEST_F(PipeTest, PipesRunOutAndComeBack) {
    for (int round = 0; round < 3; ++round) {
        std::vector<Word> files;
        std::array<int, 2> ends{};
        while (app_.call(number::pipe2, {address_of(ends.data()), 0})) {
            files.push_back(static_cast<Word>(ends[0]));
            files.push_back(static_cast<Word>(ends[1]));
        }
        EXPECT_EQ(files.size(), 2 * (Process::pipe_count - 1));
        for (const Word file : files) app_.must_call(number::close, {file});
    }
}

TEST_F(PipeTest, AnEventCounterGivesItsSum) {
    const Word file = app_.must_call(number::eventfd2, {1, 0});
    std::uint64_t value = 41;
    app_.must_call(number::write, {file, address_of(&value), 8});
    app_.must_call(number::read, {file, address_of(&value), 8});
    EXPECT_EQ(value, 42u);
}

}  // namespace
}  // namespace kos::libos

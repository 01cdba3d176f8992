// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/linux/acceptor.hpp"
#include "lib/linux/file.hpp"
#include "lib/linux/socket.hpp"
#include "lib/linux/timer.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <vector>

namespace kos::sys {
namespace {

using namespace std::chrono_literals;

/// No descriptor is free while this is there.
class NoDescriptors {
   public:
    NoDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const UniqueFd next{::dup(0)};
        rlimit none = before_;
        none.rlim_cur = static_cast<rlim_t>(next.get());
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

   private:
    rlimit before_{};
};

class LoopTest : public testing::Test {
   protected:
    /// Handles all that comes within a time; how many events.
    int handle(std::chrono::milliseconds within) {
        const auto end = Timer::Clock::now() + within;
        int events = 0;
        while (Timer::Clock::now() < end) {
            events += loop.run_once(static_cast<int>(within.count())).value() ? 1 : 0;
        }
        return events;
    }
    EventLoop loop = EventLoop::create().value();
};

TEST_F(LoopTest, ATimerComesOnceWhenItIsTime) {
    int times = 0;
    Timer timer = Timer::create(loop, [&] { ++times; }).value();
    const auto begin = Timer::Clock::now();
    timer.set(begin + 20ms);
    EXPECT_TRUE(loop.run_once(10'000).value());
    EXPECT_GE(Timer::Clock::now(), begin + 20ms);
    EXPECT_EQ(handle(30ms), 0);
    timer.set(begin);
    EXPECT_EQ(handle(30ms), 1) << "its time had passed";
    EXPECT_EQ(times, 2);
}

TEST_F(LoopTest, ATimerThatIsSetAnewOrClearedForgetsWhatWasBefore) {
    int times = 0;
    Timer timer = Timer::create(loop, [&] { ++times; }).value();
    timer.set(Timer::Clock::now());
    timer.set(Timer::Clock::now() + 10s);
    EXPECT_EQ(handle(20ms), 0);
    timer.set(Timer::Clock::now());
    timer.clear();
    EXPECT_EQ(handle(20ms), 0);
    EXPECT_EQ(times, 0);
}

TEST_F(LoopTest, ATimerThatIsGoneIsNotHeardOf) {
    int times = 0;
    {
        Timer timer = Timer::create(loop, [&] { ++times; }).value();
        timer.set(Timer::Clock::now());
    }
    EXPECT_EQ(handle(10ms), 0);
    EXPECT_EQ(times, 0);
}

class AcceptorTest : public LoopTest {
   protected:
    AcceptorTest() {
        acceptor = Acceptor::create(
                       loop, "the socket", listen_stream(path).value(),
                       [this](UniqueFd socket) { accepted.push_back(std::move(socket)); },
                       [this](std::string_view line) { log.emplace_back(line); })
                       .value();
    }
    ~AcceptorTest() override { ::unlink(path.c_str()); }
    UniqueFd connect() { return connect_stream(path).value(); }

    std::string path = testing::TempDir() + "kos-acceptor-" + std::to_string(::getpid());
    std::vector<UniqueFd> accepted;
    std::vector<std::string> log;
    std::unique_ptr<Acceptor> acceptor;
};

TEST_F(AcceptorTest, ConnectionsWaitWhileItIsClosed) {
    acceptor->set_open(false);
    const UniqueFd client = connect();
    EXPECT_EQ(handle(20ms), 0);
    acceptor->set_open(true);
    EXPECT_EQ(handle(20ms), 1);
    ASSERT_EQ(accepted.size(), 1u);
    EXPECT_NE(::fcntl(accepted[0].get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST_F(AcceptorTest, WhereNoDescriptorIsFreeItRestsAndSaysSoOnce) {
    const UniqueFd client = connect();
    {
        const NoDescriptors none;
        // Looks again after each rest.
        EXPECT_LE(handle(3 * Acceptor::rest), 8);
        EXPECT_TRUE(accepted.empty());
        EXPECT_EQ(log,
                  std::vector<std::string>{"connections to the socket wait: Too many open files"});
    }
    (void)handle(2 * Acceptor::rest);
    EXPECT_EQ(accepted.size(), 1u);
    EXPECT_EQ(log.size(), 1u);
    // Another time is told again.
    const UniqueFd next = connect();
    const NoDescriptors none;
    (void)handle(Acceptor::rest);
    EXPECT_EQ(log.size(), 2u);
}

TEST_F(AcceptorTest, OneThatIsClosedWhileItRestsStaysClosed) {
    const UniqueFd client = connect();
    {
        const NoDescriptors none;
        (void)handle(Acceptor::rest / 2);
        acceptor->set_open(false);
    }
    (void)handle(2 * Acceptor::rest);
    EXPECT_TRUE(accepted.empty());
}

}  // namespace
}  // namespace kos::sys

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// For tests: what PID 1's parts work with, without a guest, and the ends of sockets.
#pragma once

#include "kosinit/supervise/context.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <sys/socket.h>

namespace kos::init {

struct SocketPair {
    sys::UniqueFd ours, theirs;
};

class ContextTest : public testing::Test {
   protected:
    /// \p type: SOCK_STREAM and flags.
    static SocketPair make_pair(int type) {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.data()), 0);
        return {sys::UniqueFd{ends[0]}, sys::UniqueFd{ends[1]}};
    }
    /// Until nothing happens any more.
    void settle() {
        for (;;) {
            timers_.run_due();
            if (!must(loop_.run_once(0), "epoll") && timers_.next_ms() != 0) return;
        }
    }
    /// What there is to read now.
    static std::string read(sys::Fd socket) {
        std::string text(1 << 20, '\0');
        const ssize_t count = ::recv(socket, text.data(), text.size(), MSG_DONTWAIT);
        text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return text;
    }
    static bool is_at_end(sys::Fd socket) {
        char byte = 0;
        return ::recv(socket, &byte, 1, MSG_DONTWAIT) == 0;
    }
    /// How much of it was taken.
    static std::size_t write(sys::Fd socket, const std::string& text) {
        const ssize_t count = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
        return count > 0 ? static_cast<std::size_t>(count) : 0;
    }

    sys::EventLoop loop_ = must(sys::EventLoop::create(), "epoll");
    Timers timers_;
    Journal journal_{1u << 20};
    Children children_;
    Launcher launcher_{loop_, children_};
    Context context_{loop_, timers_, journal_, children_, launcher_};
};

}  // namespace kos::init

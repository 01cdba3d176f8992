// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Tells threads that wait for files that something has changed: they look again for themselves.
// One counter for all files of an app; waiters are few.
#pragma once

#include "libos/net/message_servers.hpp"
#include "libos/threads/wait_queue.hpp"

namespace kos::libos {

class Activity {
   public:
    /// What changes in the channels of \p servers counts as well.
    Activity(WaitQueue& queue, const MessageServers& servers) : queue_(queue), servers_(servers) {}

    /// To be taken before looking at a file, and given to wait().
    [[nodiscard]] std::uint64_t now() const { return together(own()); }
    void announce() {
        __atomic_add_fetch(&count_, 1, __ATOMIC_SEQ_CST);
        queue_.wake(count_, WaitQueue::everyone, WaitQueue::everyone);
    }
    /// Sleeps until something was announced after `since`. Whether that is so, or time is up.
    bool wait(std::uint64_t since, Deadline deadline) {
        servers_.arm();
        const std::uint32_t before = own();
        if (together(before) != since) return true;
        const Change change{*this, since};
        const auto woken = queue_.wait(count_, before, WaitQueue::everyone, deadline, &change);
        return woken.ok() || woken.error() != Errno::Etimedout || now() != since;
    }

   private:
    struct Change final : WaitQueue::Also {
        Change(const Activity& activity, std::uint64_t since)
            : activity_(activity), since_(since) {}
        [[nodiscard]] bool has_come() const override { return activity_.now() != since_; }

       private:
        const Activity& activity_;
        std::uint64_t since_;
    };
    /// No 32-bit count with an odd weight makes up for what was announced, also not that of a lane
    /// that is gone.
    [[nodiscard]] std::uint64_t together(std::uint32_t announced) const {
        return servers_.changes() + (std::uint64_t{announced} << 32);
    }
    [[nodiscard]] std::uint32_t own() const { return __atomic_load_n(&count_, __ATOMIC_SEQ_CST); }

    WaitQueue& queue_;
    const MessageServers& servers_;
    std::uint32_t count_ = 0;
};

}  // namespace kos::libos

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Processes of which PID 1 is the parent, by birth or by adoption.
#pragma once

#include <functional>
#include <map>
#include <sys/types.h>

namespace kos::init {

class Children {
   public:
    /// Gets the wait status (see waitpid(2)).
    using OnEnd = std::function<void(int status)>;

    /// \p on_end is called once, from reap() or, where the process was reaped before anyone asked
    /// for it, from here.
    void watch(pid_t pid, OnEnd on_end);
    void forget(pid_t pid) { watched_.erase(pid); }

    /// While somebody expects, ends of processes that nobody watches yet are remembered: a process
    /// may end before its number is known.
    void expect() { ++expecting_; }
    void expect_no_more();

    /// Reaps whatever has ended.
    void reap();

   private:
    std::map<pid_t, OnEnd> watched_;
    std::map<pid_t, int> early_;
    int expecting_ = 0;
};

}  // namespace kos::init

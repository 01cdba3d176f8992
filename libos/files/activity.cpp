// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/files/activity.hpp"

#include "libos/core/lock.hpp"

namespace kos::libos {

namespace {

/// Of what only threads of the app count: alone, one needs no atomic access.
void add(std::uint32_t& count, std::uint32_t number) {
    if (has_threads) {
        __atomic_add_fetch(&count, number, __ATOMIC_SEQ_CST);
    } else {
        count += number;
    }
}

}  // namespace

void Activity::announce() {
    if (!has_threads) return;
    add(count_, 1);
    // Whoever is not counted yet looks at what has changed afterwards.
    if (__atomic_load_n(&watching_, __ATOMIC_SEQ_CST) == 0) return;
    queue_.wake(count_, WaitQueue::everyone, WaitQueue::everyone);
}

bool Activity::Watch::wait(Deadline deadline) {
    if (!is_begun_) {
        if (WaitQueue::has_passed(deadline)) return false;
        is_begun_ = true;
        add(activity_.watching_, 1);
        activity_.servers_.arm();
        seen_ = __atomic_load_n(&activity_.count_, __ATOMIC_SEQ_CST);
        return true;
    }
    // Why it ends, the next look finds out.
    if (has_threads) {
        (void)activity_.queue_.wait(activity_.count_, seen_, WaitQueue::everyone, deadline,
                                    WaitQueue::Until::AnySignal);
    } else {
        WaitQueue::wait_alone(deadline);
    }
    end();
    return true;
}

void Activity::Watch::end() {
    if (is_begun_) add(activity_.watching_, std::uint32_t{0} - 1);
    is_begun_ = false;
}

}  // namespace kos::libos

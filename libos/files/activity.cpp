// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/files/activity.hpp"

#include "libos/core/lock.hpp"

namespace kos::libos {

void Activity::announce() {
    if (!has_threads) return;
    __atomic_add_fetch(&count_, 1, __ATOMIC_SEQ_CST);
    // Whoever is not counted yet looks at what has changed afterwards.
    if (__atomic_load_n(&watching_, __ATOMIC_SEQ_CST) == 0) return;
    queue_.wake(count_, WaitQueue::everyone, WaitQueue::everyone);
}

bool Activity::Watch::wait(Deadline deadline) {
    if (!is_begun_) {
        if (WaitQueue::has_passed(deadline)) return false;
        is_begun_ = true;
        __atomic_add_fetch(&activity_.watching_, 1, __ATOMIC_SEQ_CST);
        activity_.servers_.arm();
        seen_ = __atomic_load_n(&activity_.count_, __ATOMIC_SEQ_CST);
        return true;
    }
    // Why it ends, the next look finds out.
    (void)activity_.queue_.wait(activity_.count_, seen_, WaitQueue::everyone, deadline,
                                WaitQueue::Until::AnySignal);
    end();
    return true;
}

}  // namespace kos::libos

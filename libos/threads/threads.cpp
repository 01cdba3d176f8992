// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/threads/threads.hpp"

#include "libos/core/platform.hpp"

#include <algorithm>

namespace kos::libos {

Thread& Threads::current() { return threads_[current_block().index]; }

Thread& Threads::begin(Word index) {
    const Locked locked(lock_);
    Thread& thread = threads_[index];
    thread = current();
    thread.id = ++last_id_;
    thread.clear_id_at = 0;
    thread.pending_signals = 0;
    thread.signal_stack = {0, abi::SignalStack::disabled, 0, 0};
    ++running_;
    return thread;
}

bool Threads::end_current() {
    const Locked locked(lock_);
    current().id = 0;
    return --running_ == 0;
}

void Threads::cancel(Word index) {
    const Locked locked(lock_);
    threads_[index].id = 0;
    --running_;
}

bool Threads::exists(std::uint32_t id) {
    const Locked locked(lock_);
    return id != 0 && std::any_of(threads_.begin(), threads_.end(),
                                  [&](const Thread& thread) { return thread.id == id; });
}

}  // namespace kos::libos

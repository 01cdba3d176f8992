// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Mutual exclusion between the threads of one app. Waiting threads give up the processor: all
// threads of an app have one priority and a holder never waits for an event, so the holder runs and
// lets go. An app has one processor; spinning without yielding would only burn it.
#pragma once

#include "lib/sel4/syscall.hpp"

namespace kos::libos {

/// Whether the app has, or has had, a second thread: until then nobody is kept from a lock, and
/// there is nobody to tell.
inline constinit bool has_threads = false;

class Lock {
   public:
    void acquire() {
        if (has_threads) return acquire_among_threads();
        held_ = true;
    }
    void release() { __atomic_store_n(&held_, false, __ATOMIC_RELEASE); }

   private:
    [[gnu::noinline]] void acquire_among_threads() {  // once in the text, not wherever one is held
        while (__atomic_exchange_n(&held_, true, __ATOMIC_ACQUIRE)) sel4::yield();
    }

    bool held_ = false;
};

/// Holds a lock until the end of a scope.
class [[nodiscard]] Locked {
   public:
    explicit Locked(Lock& lock) : lock_(lock) { lock_.acquire(); }
    ~Locked() { lock_.release(); }
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;

   private:
    Lock& lock_;
};

}  // namespace kos::libos

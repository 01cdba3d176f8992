// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/threads/wait_queue.hpp"

#include "lib/native/manager.hpp"
#include "lib/sel4/syscall.hpp"
#include "libos/core/manager.hpp"
#include "libos/core/platform.hpp"

namespace kos::libos {

namespace {

void sleep_once() { sel4::wait(sel4::CPtr{current_block().notification}); }

void wake_thread(Word thread) {
    sel4::signal(sel4::Cap<sel4::Notification>{native::app_slot::notification(thread)});
}

std::uint32_t load(const std::uint32_t& word) { return __atomic_load_n(&word, __ATOMIC_SEQ_CST); }

}  // namespace

bool WaitQueue::has_passed(Deadline deadline) { return deadline && read_counter() >= *deadline; }

void sleep_until(std::uint64_t deadline) {
    if (read_counter() >= deadline) return;
    manager::set_timer(deadline);
    while (read_counter() < deadline) sleep_once();
}

void WaitQueue::wait_alone(Deadline deadline) {
    if (has_passed(deadline)) return;
    if (deadline) manager::set_timer(*deadline);
    sleep_once();
}

void WaitQueue::append(Waiter& waiter) {
    Waiter** link = &first_;
    while (*link != nullptr) link = &(*link)->next;
    *link = &waiter;
}

void WaitQueue::remove(Waiter& waiter) {
    Waiter** link = &first_;
    while (*link != &waiter) link = &(*link)->next;
    *link = waiter.next;
    waiter.next = nullptr;
}

/// Whether the wait is over: woken, or out of the queue because its time has come.
bool WaitQueue::has_been_woken_or_leaves(Waiter& waiter, bool timed_out) {
    const Locked locked(lock_);
    if (waiter.woken) return true;
    if (timed_out) remove(waiter);
    return timed_out;
}

Outcome<void> WaitQueue::wait(const std::uint32_t& word, std::uint32_t expected,
                              std::uint32_t bitset, Deadline deadline, Until until) {
    Waiter waiter{&word, bitset, false, current_block().index, nullptr};
    {
        const Locked locked(lock_);
        if (load(word) != expected) return Err{Errno::Eagain};
        if (has_passed(deadline)) return Err{Errno::Etimedout};
        append(waiter);
    }
    if (deadline) manager::set_timer(*deadline);
    do {
        sleep_once();
    } while (!has_been_woken_or_leaves(waiter, until == Until::AnySignal || has_passed(deadline)));
    if (!waiter.woken) return Err{Errno::Etimedout};
    return {};
}

std::uint32_t WaitQueue::wake_locked(const std::uint32_t& word, std::uint32_t count,
                                     std::uint32_t bitset) {
    std::uint32_t woken = 0;
    for (Waiter* waiter = first_; waiter != nullptr && woken < count;) {
        Waiter* const next = waiter->next;
        if (waiter->word == &word && (waiter->bitset & bitset) != 0) {
            remove(*waiter);
            const Word thread = waiter->thread;
            waiter->woken = true;
            wake_thread(thread);
            ++woken;
        }
        waiter = next;
    }
    return woken;
}

std::uint32_t WaitQueue::wake(const std::uint32_t& word, std::uint32_t count,
                              std::uint32_t bitset) {
    const Locked locked(lock_);
    return wake_locked(word, count, bitset);
}

Outcome<WaitQueue::Requeued> WaitQueue::requeue(const std::uint32_t& word, std::uint32_t wake,
                                                const std::uint32_t& target, std::uint32_t move,
                                                std::optional<std::uint32_t> expected) {
    const Locked locked(lock_);
    if (expected && load(word) != *expected) return Err{Errno::Eagain};
    Requeued result{wake_locked(word, wake, everyone), 0};
    for (Waiter* waiter = first_; waiter != nullptr && result.moved < move; waiter = waiter->next) {
        if (waiter->word != &word) continue;
        waiter->word = &target;
        ++result.moved;
    }
    return result;
}

}  // namespace kos::libos

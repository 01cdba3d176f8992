// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// futex(2). Left out: priority-inheriting futexes, FUTEX_FD and futex_waitv(2).
#include "libos/core/process.hpp"
#include "libos/dispatch/calls.hpp"

#include <algorithm>

namespace kos::libos::calls {

namespace {

using abi::FutexOperation;

Outcome<std::uint32_t*> word_at(Word address) {
    if (!is_aligned<Word>(address, 4)) return Err{Errno::Einval};
    if (!user_range.covers(address, 4)) return Err{Errno::Efault};
    return reinterpret_cast<std::uint32_t*>(sel4::vspace_pointer(address));
}

/// FUTEX_WAIT counts from now, FUTEX_WAIT_BITSET names a time.
Outcome<Deadline> deadline_of(UserPointer<abi::TimeSpec> timeout, bool absolute, bool realtime) {
    if (timeout.is_null()) return Deadline{};
    const Clock& clock = process().clock;
    const auto time = KOS_TRY(to_nanoseconds(KOS_TRY(timeout.read())));
    if (!absolute) return Deadline{clock.deadline_in(time)};
    const auto id = realtime ? abi::ClockId::Realtime : abi::ClockId::Monotonic;
    return Deadline{KOS_TRY(clock.deadline_at(id, time))};
}

/// A count is signed on Linux; programs pass INT_MAX for "all".
std::uint32_t count_of(Word value) {
    const auto count = static_cast<std::int32_t>(value);
    return static_cast<std::uint32_t>(std::max(count, 0));
}

/// The operand of FUTEX_WAKE_OP: operation, comparison, and an argument for each.
class WakeOperation {
   public:
    explicit WakeOperation(std::uint32_t encoded) : encoded_(encoded) {}

    /// Changes the word; what it was.
    Outcome<std::uint32_t> apply(std::uint32_t& word) const {
        std::uint32_t expected = __atomic_load_n(&word, __ATOMIC_SEQ_CST);
        for (;;) {
            const std::uint32_t desired = KOS_TRY(changed(expected));
            if (__atomic_compare_exchange_n(&word, &expected, desired, false, __ATOMIC_SEQ_CST,
                                            __ATOMIC_SEQ_CST)) {
                return expected;
            }
        }
    }
    Outcome<bool> compare(std::uint32_t old) const {
        const auto value = static_cast<std::int32_t>(old);
        const std::int32_t limit = sign_extended(encoded_);
        switch (encoded_ >> 24 & 0xf) {
            case 0:
                return value == limit;
            case 1:
                return value != limit;
            case 2:
                return value < limit;
            case 3:
                return value <= limit;
            case 4:
                return value > limit;
            case 5:
                return value >= limit;
            default:
                return Err{Errno::Enosys};
        }
    }

   private:
    static std::int32_t sign_extended(std::uint32_t twelve_bits) {
        return static_cast<std::int32_t>(twelve_bits << 20) >> 20;
    }
    Outcome<std::uint32_t> changed(std::uint32_t value) const {
        auto argument = static_cast<std::uint32_t>(sign_extended(encoded_ >> 12));
        if ((encoded_ >> 31 & 1) != 0) argument = 1u << (argument & 31);
        switch (encoded_ >> 28 & 7) {
            case 0:
                return argument;
            case 1:
                return value + argument;
            case 2:
                return value | argument;
            case 3:
                return value & ~argument;
            case 4:
                return value ^ argument;
            default:
                return Err{Errno::Enosys};
        }
    }

    std::uint32_t encoded_;
};

Answer wake_operation(std::uint32_t& first, std::uint32_t first_count, std::uint32_t& second,
                      std::uint32_t second_count, WakeOperation operation) {
    WaitQueue& queue = process().waiting;
    const Locked locked(queue.lock());
    const std::uint32_t old = KOS_TRY(operation.apply(second));
    const bool both = KOS_TRY(operation.compare(old));
    Word woken = queue.wake_locked(first, first_count, WaitQueue::everyone);
    if (both) woken += queue.wake_locked(second, second_count, WaitQueue::everyone);
    return woken;
}

Answer requeue(std::uint32_t& word, std::uint32_t wake, std::uint32_t& target, std::uint32_t move,
               std::optional<std::uint32_t> expected) {
    const auto done = KOS_TRY(process().waiting.requeue(word, wake, target, move, expected));
    // Only the comparing form counts those it has moved.
    return Word{done.woken + (expected ? done.moved : 0)};
}

}  // namespace

Answer futex(Word address, unsigned operation, std::uint32_t value, Word timeout_or_count,
             Word target, std::uint32_t value3) {
    using abi::futex_flag::private_to_process;
    using abi::futex_flag::realtime;
    std::uint32_t& word = *KOS_TRY(word_at(address));
    WaitQueue& queue = process().waiting;
    const auto what = static_cast<FutexOperation>(operation & ~(private_to_process | realtime));
    const bool on_realtime = (operation & realtime) != 0;
    const UserPointer<abi::TimeSpec> timeout{timeout_or_count};
    switch (what) {
        case FutexOperation::Wait:
            KOS_TRY(queue.wait(word, value, WaitQueue::everyone,
                               KOS_TRY(deadline_of(timeout, false, on_realtime))));
            return Word{0};
        case FutexOperation::WaitBitset:
            if (value3 == 0) return Err{Errno::Einval};
            KOS_TRY(
                queue.wait(word, value, value3, KOS_TRY(deadline_of(timeout, true, on_realtime))));
            return Word{0};
        case FutexOperation::Wake:
            return Word{queue.wake(word, count_of(value), WaitQueue::everyone)};
        case FutexOperation::WakeBitset:
            if (value3 == 0) return Err{Errno::Einval};
            return Word{queue.wake(word, count_of(value), value3)};
        case FutexOperation::Requeue:
            return requeue(word, count_of(value), *KOS_TRY(word_at(target)),
                           count_of(timeout_or_count), std::nullopt);
        case FutexOperation::CompareRequeue:
            return requeue(word, count_of(value), *KOS_TRY(word_at(target)),
                           count_of(timeout_or_count), value3);
        case FutexOperation::WakeOperation:
            return wake_operation(word, count_of(value), *KOS_TRY(word_at(target)),
                                  count_of(timeout_or_count), WakeOperation{value3});
    }
    return Err{Errno::Enosys};
}

}  // namespace kos::libos::calls

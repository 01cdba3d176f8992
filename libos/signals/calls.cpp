// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Signal calls: what is set is kept and answered; see signals/signals.hpp for what a signal does.
#include "libos/dispatch/calls.hpp"

#include "libos/core/line.hpp"
#include "libos/core/manager.hpp"
#include "libos/core/process.hpp"

#include <bit>

namespace kos::libos::calls {

namespace {

Outcome<void> check_size(Word mask_size) {
    if (mask_size != Signals::mask_size) return Err{Errno::Einval};
    return {};
}

constexpr std::uint64_t bit_of(int signal) { return std::uint64_t{1} << (signal - 1); }

constexpr std::uint64_t never_blocked = bit_of(abi::signal::kill) | bit_of(abi::signal::stop);

Outcome<std::uint64_t> changed_mask(int how, std::uint64_t mask, std::uint64_t given) {
    switch (static_cast<abi::MaskChange>(how)) {
        case abi::MaskChange::Block:
            return (mask | given) & ~never_blocked;
        case abi::MaskChange::Unblock:
            return mask & ~given;
        case abi::MaskChange::Set:
            return given & ~never_blocked;
    }
    return Err{Errno::Einval};
}

/// Says once for each signal that its handler was not called.
void log_lost(int signal) {
    static constinit std::uint64_t logged = 0;
    if ((__atomic_fetch_or(&logged, bit_of(signal), __ATOMIC_RELAXED) & bit_of(signal)) != 0)
        return;
    Line line;
    line.text("signal ").number(static_cast<std::uint64_t>(signal));
    manager::log(line.text(" was not delivered: handlers are not supported yet").view());
}

/// What a signal does that is not blocked.
void deliver(int signal) {
    switch (process().signals.fate(signal)) {
        case SignalFate::Ignored:
            return;
        case SignalFate::Fatal:
            manager::exit(static_cast<Word>(signal));
        case SignalFate::Handled:
            log_lost(signal);
    }
}

void deliver_unblocked(Thread& thread) {
    const std::uint64_t due = thread.pending_signals & ~thread.blocked_signals;
    thread.pending_signals &= ~due;
    for (std::uint64_t rest = due; rest != 0; rest &= rest - 1) {
        deliver(std::countr_zero(rest) + 1);
    }
}

Answer send(int signal) {
    if (signal != 0 && !Signals::valid(signal)) return Err{Errno::Einval};
    if (signal != 0) raise(signal);
    return Word{0};
}

}  // namespace

void raise(int signal) {
    Thread& thread = process().threads.current();
    if ((thread.blocked_signals & bit_of(signal)) != 0) {
        thread.pending_signals |= bit_of(signal);
    } else {
        deliver(signal);
    }
}

Answer rt_sigaction(int signal, UserPointer<abi::SignalAction> action,
                    UserPointer<abi::SignalAction> old, Word mask_size) {
    KOS_TRY(check_size(mask_size));
    if (!Signals::valid(signal)) return Err{Errno::Einval};
    Signals& signals = process().signals;
    const abi::SignalAction before = signals.action(signal);
    if (!action.is_null()) {
        if ((bit_of(signal) & never_blocked) != 0) return Err{Errno::Einval};
        signals.set_action(signal, KOS_TRY(action.read()));
    }
    KOS_TRY(old.write_unless_null(before));
    return Word{0};
}

Answer rt_sigprocmask(int how, UserPointer<std::uint64_t> mask, UserPointer<std::uint64_t> old,
                      Word mask_size) {
    KOS_TRY(check_size(mask_size));
    Thread& thread = process().threads.current();
    const std::uint64_t before = thread.blocked_signals;
    if (!mask.is_null()) {
        thread.blocked_signals = KOS_TRY(changed_mask(how, before, KOS_TRY(mask.read())));
    }
    KOS_TRY(old.write_unless_null(before));
    deliver_unblocked(thread);
    return Word{0};
}

Answer rt_sigpending(UserPointer<std::uint64_t> pending, Word mask_size) {
    KOS_TRY(check_size(mask_size));
    KOS_TRY(pending.write(process().threads.current().pending_signals));
    return Word{0};
}

Answer rt_sigtimedwait(UserPointer<std::uint64_t> mask, Word /*info*/,
                       UserPointer<abi::TimeSpec> timeout, Word mask_size) {
    KOS_TRY(check_size(mask_size));
    KOS_TRY(mask.read());
    // No signal will come: the time passes, or the thread sleeps for good, as it asked to.
    Deadline deadline;
    if (!timeout.is_null()) {
        deadline = process().clock.deadline_in(KOS_TRY(to_nanoseconds(KOS_TRY(timeout.read()))));
    }
    sleep_until(deadline.value_or(~std::uint64_t{0}));
    return Err{Errno::Eagain};
}

Answer sigaltstack(UserPointer<abi::SignalStack> stack, UserPointer<abi::SignalStack> old) {
    abi::SignalStack& kept = process().threads.current().signal_stack;
    const abi::SignalStack before = kept;
    if (!stack.is_null()) kept = KOS_TRY(stack.read());
    KOS_TRY(old.write_unless_null(before));
    return Word{0};
}

Answer kill(int target, int signal) {
    constexpr int own = static_cast<int>(process_id);
    // 0 and -1 name groups of which this process is the only member.
    if (target != own && target != 0 && target != -1) return Err{Errno::Esrch};
    return send(signal);
}

Answer tkill(int thread, int signal) {
    if (thread <= 0) return Err{Errno::Einval};
    if (!process().threads.exists(static_cast<std::uint32_t>(thread))) return Err{Errno::Esrch};
    return send(signal);
}

Answer tgkill(int target, int thread, int signal) {
    if (target <= 0) return Err{Errno::Einval};
    if (target != static_cast<int>(process_id)) return Err{Errno::Esrch};
    return tkill(thread, signal);
}

}  // namespace kos::libos::calls

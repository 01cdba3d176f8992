// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Threads, futexes and signals: constants and layouts of Linux on aarch64 (clone(2), futex(2),
// sigaction(2), sigaltstack(2)).
#pragma once

#include <cstdint>

namespace kos::libos::abi {

namespace clone_flag {
inline constexpr std::uint64_t exit_signal = 0xff, vm = 0x100, files = 0x400,
                               signal_handlers = 0x800, vfork = 0x4000, thread = 0x10000,
                               set_tls = 0x80000, parent_set_tid = 0x100000,
                               child_clear_tid = 0x200000, child_set_tid = 0x1000000;
}

enum class FutexOperation : unsigned {
    Wait = 0,
    Wake = 1,
    Requeue = 3,
    CompareRequeue = 4,
    WakeOperation = 5,
    WaitBitset = 9,
    WakeBitset = 10,
};
namespace futex_flag {
inline constexpr unsigned private_to_process = 128, realtime = 256;
}
inline constexpr std::uint32_t futex_match_any = 0xffff'ffff;

/// Numbers of signals.
namespace signal {
inline constexpr int kill = 9, abort = 6, trap = 5, pipe = 13, child = 17, resume = 18, stop = 19,
                     terminal_stop = 20, terminal_in = 21, terminal_out = 22, urgent = 23,
                     window = 28, highest = 64;
}

struct SignalAction {
    static constexpr std::uint64_t default_handler = 0, ignore = 1;

    std::uint64_t handler;
    std::uint64_t flags;
    std::uint64_t restorer;
    std::uint64_t mask;
};
static_assert(sizeof(SignalAction) == 32);

enum class MaskChange : int { Block = 0, Unblock = 1, Set = 2 };

struct SignalStack {
    static constexpr std::int32_t disabled = 2;

    std::uint64_t address;
    std::int32_t flags;
    std::int32_t padding;
    std::uint64_t size;
};
static_assert(sizeof(SignalStack) == 24);

}  // namespace kos::libos::abi

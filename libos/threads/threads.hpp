// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What libos keeps of each thread, and how many there are. Threads are numbered by the manager and
// have ids that are not used again soon: the first is the process, 1.
#pragma once

#include "lib/native/address_space.hpp"
#include "libos/abi/thread.hpp"
#include "libos/core/answer.hpp"
#include "libos/core/lock.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace kos::libos {

inline constexpr std::uint32_t process_id = 1;

struct Thread {
    std::uint32_t id = 0;  ///< 0: not running
    Word clear_id_at = 0;  ///< set_tid_address(2)
    std::uint64_t blocked_signals = 0;
    std::uint64_t pending_signals = 0;  ///< sent while they were blocked
    abi::SignalStack signal_stack{0, abi::SignalStack::disabled, 0, 0};
    std::array<char, 16> name{};  ///< prctl(PR_SET_NAME)
};

class Threads {
   public:
    Threads() { threads_[0].id = process_id; }

    /// The calling thread.
    Thread& current();
    /// Enters a thread that is about to run and inherits from the calling one.
    Thread& begin(Word index);
    /// Takes out the calling thread; whether it was the last.
    bool end_current();
    /// Takes out one that could not be started.
    void cancel(Word index);
    [[nodiscard]] bool exists(std::uint32_t id);

   private:
    Lock lock_;
    std::array<Thread, native::max_threads> threads_;
    std::uint32_t running_ = 1;
    std::uint32_t last_id_ = process_id;
};

}  // namespace kos::libos

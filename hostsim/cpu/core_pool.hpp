// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Cores that are ready before they are needed. Making one takes 20 ms, and the first instruction
// that a process compiles 50 ms (dynarmic sorts its decoder tables), so threads of the pool do both
// while the machine's image is still being made or read. Cores that are given back are used again.
#pragma once

#include "hostsim/cpu/core.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace kos::sim {

class CorePool {
   public:
    /// Makes such cores in the background: those that will soon be taken.
    explicit CorePool(std::span<const FaultingAccess> ahead);
    ~CorePool();
    CorePool(const CorePool&) = delete;
    CorePool& operator=(const CorePool&) = delete;

    /// A core as new; waits for one that is being made. Fails where the host has no address space
    /// left.
    [[nodiscard]] Result<std::unique_ptr<Core>, ArenaError> take(FaultingAccess faulting_access);
    void give_back(std::unique_ptr<Core> core);

   private:
    void make_core(FaultingAccess faulting_access, bool is_first);
    std::unique_ptr<Core> take_ready(FaultingAccess faulting_access);

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::unique_ptr<Core>> ready_;
    std::size_t being_made_;
    std::vector<std::thread> makers_;
};

}  // namespace kos::sim

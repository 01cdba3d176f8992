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
#include <thread>
#include <vector>

namespace kos::sim {

class CorePool {
   public:
    /// Makes `ahead` cores in the background: as many as will soon be taken.
    explicit CorePool(unsigned ahead);
    ~CorePool();
    CorePool(const CorePool&) = delete;
    CorePool& operator=(const CorePool&) = delete;

    /// A core as new; waits for one that is being made. Fails where the host has no address space
    /// left.
    [[nodiscard]] Result<std::unique_ptr<Core>, ArenaError> take();
    void give_back(std::unique_ptr<Core> core);

   private:
    void make_core(bool is_first);

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::unique_ptr<Core>> ready_;
    unsigned being_made_;
    std::vector<std::thread> makers_;
};

}  // namespace kos::sim

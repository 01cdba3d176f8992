// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The host thread that plays a simulated thread.
#pragma once

#include "hostsim/inprocess/arena.hpp"
#include "hostsim/inprocess/baton.hpp"
#include "hostsim/inprocess/system.hpp"
#include "hostsim/kernel/kernel.hpp"

#include <thread>

namespace kos::inprocess {

class SystemState;

class Runner {
   public:
    /// Plays `thread` on the calling host thread.
    Runner(SystemState& system, sim::Thread& thread);
    /// Plays it on a host thread of its own, which waits for the baton.
    Runner(SystemState& system, sim::Thread& thread, const Runner& starter);
    ~Runner();
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    /// The runner of the calling host thread; panics where a test has no System.
    static Runner& running();

    [[nodiscard]] sim::Thread& thread() const { return *thread_; }
    [[nodiscard]] SystemState& system() const { return system_; }

    /// The simulated thread was destroyed: this runner is to end once it gets the baton.
    void abandon() { abandoned_ = true; }
    [[nodiscard]] bool has_ended() const { return ended_; }
    /// From another host thread, which holds the baton: lets this one unwind, and waits for it.
    void end(const Runner& holder);

    /// Executes `svc` with the registers as they are.
    void system_call();
    /// After the kernel was entered: lets others run until this thread is the current one.
    void wait_for_turn();

   private:
    struct Unwind {};  ///< thrown through a program that does not go on

    void play();
    void run_programs();
    void give_baton_to(Runner& other);
    [[nodiscard]] sim::Registers& registers() const;
    /// The thread was made to go on at the entry of a program.
    [[nodiscard]] bool was_moved() const;

    SystemState& system_;
    sim::Thread* thread_;
    bool abandoned_ = false;
    bool ended_ = false;
    const Runner* next_holder_ = nullptr;  ///< who gets the baton when this one ends
    std::uint64_t expected_pc_ = 0;        ///< where the program goes on after a system call
    std::thread host_thread_;
};

}  // namespace kos::inprocess

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Front end two of the simulated kernel: a CPU that runs threads' aarch64 instructions at EL0 and
// enters the kernel where hardware would.
//
//   Machine ── run_current() ──► Cpu ── Core (one per VSpace: arena + JIT) ── instructions
//                                 │ trap: system call, abort, undefined instruction, breakpoint
//                                 ▼
//                              Kernel ── mapped, unmapped, unified ──► Cpu ──► arena of the VSpace
//
// Deterministic: time is counted in instructions (time_scale.hpp), never read from the host.
//
// Left out: EL1 and EL2, MTE, SVE, alignment faults, memory ordering, caches. Reading or writing
// through a mapping is as exact as the host's page tables, so a frame without read rights is
// refused by the callbacks only.
#pragma once

#include "hostsim/cpu/core_pool.hpp"
#include "hostsim/cpu/device_bus.hpp"
#include "hostsim/kernel/kernel.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace kos::sim {

/// What ended a turn of a thread.
enum class TurnEnd : std::uint8_t {
    Time,        ///< the kernel's timer is due
    SystemCall,  ///< svc
    Fault,       ///< an abort, undefined instruction or breakpoint
    NoVSpace,    ///< the thread has no VSpace to run in
};

class Cpu final : public VSpaceListener, public ThreadListener {
   public:
    /// All are borrowed. Becomes the kernel's listener with the hooks that the owner sets:
    /// `hooks.vspaces = hooks.threads = &cpu`, before Kernel::boot().
    Cpu(Kernel& kernel, DeviceBus& devices, CorePool& cores);
    ~Cpu() override;
    Cpu(const Cpu&) = delete;
    Cpu& operator=(const Cpu&) = delete;

    /// Runs the kernel's current thread, which there must be, until it traps or the kernel's timer
    /// is due, but for at most `limit` ticks; then lets the time pass and makes the kernel entry.
    TurnEnd run_current(Ticks limit);

    /// Instructions run since the start.
    [[nodiscard]] std::uint64_t instructions() const { return instructions_; }

    void mapped(VSpace& vspace, VirtualAddress address, const Mapping& mapping) override;
    void unmapped(VSpace& vspace, VirtualAddress address, std::uint64_t size) override;
    void unified(VSpace& vspace, VirtualAddress address, std::uint64_t size) override;
    void destroyed(VSpace& vspace) override;
    void destroyed(Thread& thread) override;

   private:
    class Port;

    Port& port_of(VSpace& vspace);
    void load(Port& port, Thread& thread);
    void park_vectors_of(const Thread& thread);
    Ticks ticks_of(std::uint64_t instructions);
    void enter_kernel(const Trap& trap);

    Kernel& kernel_;
    DeviceBus& devices_;
    CorePool& cores_;
    std::vector<std::unique_ptr<Port>> ports_;  ///< of VSpaces in which a thread has run
    bool is_initial_vspace_known_ = false;
    std::uint64_t instructions_ = 0;
    std::uint64_t instructions_of_tick_ = 0;  ///< not yet a whole tick
};

}  // namespace kos::sim

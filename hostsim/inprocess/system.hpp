// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Front end one: the test's own code runs as the initial thread of a simulated kernel. It uses
// lib/sel4 as on a target: this library defines the system-call seam (lib/sel4/syscall.hpp).
//
//   test code ── sel4::call ──► seam ──► Kernel::system_call
//       ▲                                    │ the initial thread blocks
//       └── runs again once it can ◄── programs of other threads, each on a host stack of its own
//
// One thread of one system runs at a time, so a run is deterministic. The VSpace of the thread
// that runs is an arena of host memory into which frames are mapped with their rights: an access
// to what is not mapped is a host fault.
#pragma once

#include "hostsim/kernel/kernel.hpp"
#include "lib/base/address.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/sel4/bootinfo.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

namespace kos::inprocess {

struct Options {
    /// Ascending; the default is 16 MiB of normal memory, and 16 MiB of RAM outside the kernel's.
    std::vector<sim::MemoryRegion> memory = {
        {PhysicalAddress{0x4000'0000}, 16u << 20, sim::MemoryKind::OutsideRam},
        {PhysicalAddress{0x6000'0000}, 16u << 20, sim::MemoryKind::Normal},
    };
    Bytes device_tree;
    /// Pages of the initial thread's program image, mapped at 0x40'0000, at the start of the first
    /// normal memory. They hold nothing.
    std::uint64_t image_pages = 1;
    unsigned root_cnode_bits = 12;
};

enum class SystemError : std::uint8_t { Memory, Boot };

/// What a thread other than the initial one does. It runs on a host stack of its own and may use
/// lib/sel4; when it returns, the thread stops for good.
using Program = std::function<void(sim::Thread&)>;

/// While it lives, the calling host thread is the initial thread. One at a time per process.
class System {
   public:
    [[nodiscard]] static Result<std::unique_ptr<System>, SystemError> create(
        const Options& options = {});
    virtual ~System() = default;

    [[nodiscard]] virtual sim::Kernel& kernel() = 0;
    /// The initial thread.
    [[nodiscard]] virtual sim::Thread& initial_thread() = 0;
    [[nodiscard]] virtual const sel4::BootInfo& boot_info() = 0;
    /// The chunks behind BootInfo.
    [[nodiscard]] virtual Bytes extra_boot_info() = 0;

    /// Listeners of the kernel; those for VSpaces and threads are the system's own.
    virtual void set_hooks(const sim::Hooks& hooks) = 0;

    /// Threads that start at `entry` run `program`. A thread that starts elsewhere stops at once.
    virtual void set_program(VirtualAddress entry, Program program) = 0;
    /// Threads that start where no program was set run this one.
    virtual void set_default_program(Program program) = 0;
};

/// Thrown out of a system call of the initial thread when no thread can ever run again.
struct Deadlock : std::runtime_error {
    Deadlock() : std::runtime_error("every thread waits, and nothing is to come") {}
};

/// For programs: the running thread faults as if it had executed such an access or instruction;
/// returns when its handler lets it go on.
void raise_vm_fault(const sim::VmFault& fault);
void raise_user_exception(sel4::Word number, sel4::Word code);
/// The running thread executes `svc` with x7 = `number`, a call of another system: UnknownSyscall.
void raise_unknown_syscall(sel4::Word number);
/// An interrupt comes while the running thread runs.
void raise_interrupt(unsigned irq);
/// The running thread computes for `ticks`.
void compute(sim::Ticks ticks);

}  // namespace kos::inprocess

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The simulated seL4 kernel (MCS, AArch64 with hypervisor support, one core, 40-bit physical
// addresses): objects, capabilities, scheduling and time, without a CPU. A front end runs threads
// and calls this class where hardware would enter the kernel:
//
//   for (;;) {
//       Thread* thread = kernel.current();
//       if (thread == nullptr) {                      // idle
//           if (!kernel.skip_to_next_event()) break;  // nothing will ever run again
//           continue;
//       }
//       run registers_of(*thread) for at most kernel.ticks_until_event() ticks; store them;
//       if it trapped after n ticks: kernel.elapse(n), then kernel.system_call(), vm_fault(…), …
//       otherwise: kernel.advance(n);                 // may preempt it
//   }
//
// All calls are deterministic. Errors, the order of checks and returned words are those of seL4
// 16.0. Left out: SMP, domains other than 0, SMMU, breakpoints, the preemption of long operations
// (a revoke completes in one call), guests: a VCPU is an object without a processor.
#pragma once

#include "hostsim/kernel/boot.hpp"
#include "hostsim/kernel/hooks.hpp"
#include "hostsim/kernel/physical_memory.hpp"
#include "hostsim/kernel/registers.hpp"
#include "hostsim/kernel/time.hpp"
#include "lib/base/result.hpp"
#include "lib/sel4/abi.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace kos::sim {

struct State;

/// An access that the VSpace does not allow (manual §6.2.4).
struct VmFault {
    VirtualAddress address;
    bool is_fetch = false;
    bool is_write = false;
    /// ESR; the kernel fills in the level at which the walk ended.
    Word syndrome = 0;
};

/// ESR of an abort from EL0: a translation fault, or a permission fault where a page is mapped.
/// Without the particulars of the instruction (ISV), which hardware adds for plain loads and
/// stores.
[[nodiscard]] Word vm_fault_syndrome(bool is_fetch, bool is_write, bool is_mapped);

class Kernel {
   public:
    /// `memory` outlives the kernel. `abi` gives the labels and object numbers that it decodes.
    explicit Kernel(PhysicalMemory& memory, const sel4::KernelAbi& abi = sel4::default_abi());
    Kernel(const Kernel&) = delete;
    Kernel& operator=(const Kernel&) = delete;
    ~Kernel();

    /// Makes the initial thread and its capabilities. Once.
    [[nodiscard]] Result<BootedTask, BootError> boot(const BootOptions& options);

    /// Listeners are borrowed. Set them before boot() to hear of the first mappings.
    void set_hooks(const Hooks& hooks);

    // --- Running threads --------------------------------------------------------------------
    /// The thread to run now; nullptr: none can run.
    [[nodiscard]] Thread* current() const;
    /// The current thread executed `svc`: its x7 is the number, its pc is behind the instruction.
    void system_call();
    /// The current thread made an access that failed at its pc.
    void vm_fault(const VmFault& fault);
    /// The current thread executed an instruction at its pc that traps. Hardware gives the ESR as
    /// number (udf: 0x2000000) and 0 as code.
    void user_exception(Word number, Word code);
    /// The current thread executed an instruction at its pc that a hypervisor kernel takes for a
    /// VCPU's: a VCPUFault message with `syndrome` (brk: 0xf2000000 | its immediate).
    void vcpu_fault(Word syndrome);

    /// The current thread goes no further, as if it had been suspended.
    void stop_current();

    // --- Time -------------------------------------------------------------------------------
    [[nodiscard]] Ticks now() const;
    /// `ticks` went by until the current thread trapped: a trap must follow, which charges them.
    void elapse(Ticks ticks);
    /// `ticks` went by, the current thread did not trap. Wakes and preempts as it must; the
    /// thread's registers are stored.
    void advance(Ticks ticks);
    /// How long the current thread may run before the kernel's timer fires; 0: call advance(0).
    [[nodiscard]] Ticks ticks_until_event() const;
    /// Idle: lets time pass until the next replenishment, or to `limit` where that is sooner (a
    /// device's next event). False where nothing is to come.
    bool skip_to_next_event(std::optional<Ticks> limit = std::nullopt);
    /// A device raises interrupt `irq`: signals its handler's notification.
    void interrupt(unsigned irq);
    /// A device drives a level-triggered line.
    void set_interrupt_line(unsigned irq, bool is_high);

    // --- Memory -----------------------------------------------------------------------------
    [[nodiscard]] PhysicalMemory& memory() const;
    /// The frame that maps `address`, nothing where none does. `Mapping::physical` is that of the
    /// address itself.
    [[nodiscard]] std::optional<Mapping> translate(const VSpace& vspace,
                                                   VirtualAddress address) const;
    /// Every mapping of `vspace`, ascending.
    void for_each_mapping(const VSpace& vspace,
                          const std::function<void(VirtualAddress, const Mapping&)>& visit) const;

    /// The kernel's own state, for tests and debuggers.
    [[nodiscard]] State& state() const { return *state_; }

   private:
    std::unique_ptr<State> state_;
};

/// The VSpace that `thread` runs in; nullptr: none, it faults on its first instruction.
[[nodiscard]] VSpace* vspace_of(const Thread& thread);
/// Where the thread's IPC buffer lies in physical memory; nothing where it has none.
[[nodiscard]] std::optional<PhysicalAddress> ipc_buffer_of(const Thread& thread);
/// The thread's registers and vector registers, for the front end to load and store.
[[nodiscard]] Registers& registers_of(Thread& thread);
[[nodiscard]] FloatingPoint& floating_point_of(Thread& thread);
/// A pointer for the front end's own use, null at first, one per VSpace.
[[nodiscard]] void*& front_end_of(VSpace& vspace);
/// Numbers that name a thread or VSpace in traces: 1 is the first that was made.
[[nodiscard]] unsigned number_of(const Thread& thread);
[[nodiscard]] unsigned number_of(const VSpace& vspace);

}  // namespace kos::sim

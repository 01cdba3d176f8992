// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The kernel's state. The modules of this folder are functions over it.
#pragma once

#include "hostsim/kernel/capability.hpp"
#include "hostsim/kernel/fault.hpp"
#include "hostsim/kernel/hooks.hpp"
#include "hostsim/kernel/ipc_objects.hpp"
#include "hostsim/kernel/object.hpp"
#include "hostsim/kernel/page_table.hpp"
#include "hostsim/kernel/physical_memory.hpp"
#include "hostsim/kernel/sizes.hpp"
#include "hostsim/kernel/thread.hpp"
#include "hostsim/kernel/time.hpp"
#include "lib/sel4/abi.hpp"

#include <array>
#include <optional>

namespace kos::sim {

/// Ready threads by priority, and whom to run.
struct SchedulerState {
    std::array<ThreadQueue, priorities> ready;
    std::array<std::uint64_t, priorities / 64> ready_bitmap{};  ///< priorities with ready threads
    ThreadQueue release;                                        ///< by time of release

    Thread* current_thread = nullptr;
    SchedContext* current_context = nullptr;
    Thread* idle_thread = nullptr;

    enum class Action : std::uint8_t { ResumeCurrent, ChooseNew, SwitchTo };
    Action action = Action::ResumeCurrent;
    Thread* candidate = nullptr;  ///< of SwitchTo
};

/// Time as the kernel sees it: it looks at the clock when it is entered.
struct TimeState {
    Ticks clock = 0;     ///< of the machine
    Ticks now = 0;       ///< at the last entry
    Ticks consumed = 0;  ///< by the current context, not charged yet
    Ticks deadline = 0;  ///< when the kernel's timer fires
    bool reprogram = true;
};

struct InterruptLine {
    enum class State : std::uint8_t { Inactive, Signal, Reserved };
    State state = State::Inactive;
    bool masked = true;
    bool pending = false;  ///< raised while masked
    bool is_high = false;  ///< a level-triggered line that its device holds
    Slot handler;
};

/// Decoding of labels and object numbers by the kernel ABI record.
struct AbiTables {
    explicit AbiTables(const sel4::KernelAbi& abi);
    [[nodiscard]] std::optional<sel4::Invocation> invocation(Word label) const;
    [[nodiscard]] std::optional<sel4::ObjectType> object_type(Word number) const;
    /// log2 of a thread's bytes: more where it has breakpoints.
    [[nodiscard]] unsigned thread_size_bits() const { return thread_bits_; }

   private:
    std::array<std::optional<sel4::Invocation>, 128> by_label_;
    std::array<std::optional<sel4::ObjectType>, 16> by_number_;
    unsigned thread_bits_;
};

/// Where older releases answer with other words.
struct Behaviour {
    /// seL4 13 to 15: a cap fault tells of every failed look-up as of an invalid root.
    bool hides_failed_lookups = false;
    /// seL4 13 and 14: SchedControl_ConfigureFlags looks at the capability first, and adds to the
    /// number of extra refills before it compares it, which wraps.
    bool adds_refills_unchecked = false;
    /// seL4 13: SchedContext_Consumed, and YieldTo that returns at once, answer without a word.
    bool loses_consumed = false;
};

struct State {
    State(PhysicalMemory& physical_memory, const sel4::KernelAbi& abi)
        : memory(physical_memory), abi_tables(abi) {}

    PhysicalMemory& memory;
    AbiTables abi_tables;
    Behaviour behaviour;
    Hooks hooks;
    ObjectStore objects;

    SchedulerState scheduler;
    TimeState time;
    std::array<AsidPool*, asid_pools> asid_table{};
    std::array<InterruptLine, max_irq + 1> interrupts;

    /// Slots of the capabilities that the message in hand carries; ends with nullptr.
    std::array<Slot*, sel4::message_max_caps + 1> extra_caps{};

    [[nodiscard]] Thread* current() const { return scheduler.current_thread; }
};

}  // namespace kos::sim

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Threads (TCBs) and the queues they wait in.
#pragma once

#include "hostsim/kernel/capability.hpp"
#include "hostsim/kernel/fault.hpp"
#include "hostsim/kernel/object.hpp"
#include "hostsim/kernel/registers.hpp"
#include "hostsim/kernel/sizes.hpp"

#include <array>
#include <cstdint>

namespace kos::sim {

struct Notification;
struct Reply;
struct SchedContext;
struct Vcpu;

enum class ThreadState : std::uint8_t {
    Inactive,
    Running,
    Restart,  ///< runs from fault_ip: the system call or instruction is made again
    BlockedOnReceive,
    BlockedOnSend,
    BlockedOnReply,
    BlockedOnNotification,
    Idle,
};

/// Slots that a thread holds for itself.
enum class ThreadSlot : std::uint8_t { CSpace, VSpace, IpcBuffer, FaultHandler, TimeoutHandler };
inline constexpr std::size_t thread_slot_count = 5;

struct Thread final : Object {
    explicit Thread(unsigned log2_bytes = thread_bits)
        : Object(ObjectKind::Thread), size_bits(static_cast<std::uint8_t>(log2_bytes)) {}

    std::uint8_t size_bits;  ///< log2 of its bytes

    Registers registers;
    FloatingPoint floating_point;
    std::array<Slot, thread_slot_count> slots;
    Word ipc_buffer_address = 0;

    ThreadState state = ThreadState::Inactive;
    bool queued = false;            ///< in a ready queue
    bool in_release_queue = false;  ///< waits for a replenishment
    std::uint8_t priority = 0;
    std::uint8_t max_priority = 0;
    Thread* queue_previous = nullptr;  ///< in the one queue that it is in
    Thread* queue_next = nullptr;

    // What it waits for.
    Object* blocked_on = nullptr;  ///< endpoint or notification
    Reply* reply = nullptr;  ///< BlockedOnReply: that waits for the answer; OnReceive: offered
    Word send_badge = 0;
    bool send_can_grant = false;
    bool send_can_grant_reply = false;
    bool send_is_call = false;

    Fault fault;
    LookupFault lookup_fault;
    Notification* bound_notification = nullptr;
    SchedContext* sched_context = nullptr;
    SchedContext* yield_to = nullptr;
    Vcpu* vcpu = nullptr;
    Word flags = 0;

    [[nodiscard]] Slot& slot(ThreadSlot which) { return slots[static_cast<std::size_t>(which)]; }
    [[nodiscard]] const Slot& slot(ThreadSlot which) const {
        return slots[static_cast<std::size_t>(which)];
    }
    [[nodiscard]] bool runnable() const {
        return state == ThreadState::Running || state == ThreadState::Restart;
    }
    [[nodiscard]] bool blocked() const {
        return state >= ThreadState::BlockedOnReceive &&
               state <= ThreadState::BlockedOnNotification;
    }
    /// Message registers are x2–x5, the badge x0, the tag x1.
    [[nodiscard]] Word& message_register(unsigned index) { return registers.x[2 + index]; }
    [[nodiscard]] sel4::MessageInfo message_info() const;
    void set_message_info(sel4::MessageInfo info) { registers.x[1] = info.raw(); }
    void set_badge(Word badge) { registers.x[0] = badge; }
};

/// A list through the threads themselves.
struct ThreadQueue {
    Thread* head = nullptr;
    Thread* tail = nullptr;

    [[nodiscard]] bool empty() const { return head == nullptr; }
    void prepend(Thread* thread);
    void append(Thread* thread);
    /// Behind all of the same or a higher priority.
    void insert_by_priority(Thread* thread);
    /// Before `place`; nullptr is the end.
    void insert_before(Thread* thread, Thread* place);
    void remove(Thread* thread);
};

}  // namespace kos::sim

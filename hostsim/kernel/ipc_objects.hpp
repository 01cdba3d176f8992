// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Endpoints, notifications, reply objects and scheduling contexts.
#pragma once

#include "hostsim/kernel/object.hpp"
#include "hostsim/kernel/refills.hpp"
#include "hostsim/kernel/thread.hpp"
#include "hostsim/kernel/time.hpp"

namespace kos::sim {

struct Endpoint final : Object {
    Endpoint() : Object(ObjectKind::Endpoint) {}

    enum class State : std::uint8_t { Idle, Sending, Receiving };
    State state = State::Idle;
    ThreadQueue queue;
};

struct Notification final : Object {
    Notification() : Object(ObjectKind::Notification) {}

    enum class State : std::uint8_t { Idle, Waiting, Active };
    State state = State::Idle;
    Word badge = 0;  ///< of the signals so far, when Active
    ThreadQueue queue;
    Thread* bound_thread = nullptr;
    SchedContext* sched_context = nullptr;
};

/// Holds a caller until it is answered. Replies form a stack along nested calls, so that a donated
/// scheduling context finds its way back:
///
///   SchedContext ◄─head─► Reply (last caller) ◄─► Reply ◄─► … first caller
struct Reply final : Object {
    Reply() : Object(ObjectKind::Reply) {}

    Thread* thread = nullptr;   ///< the caller, or the receiver that offers this object
    Reply* previous = nullptr;  ///< of the caller's own caller
    Reply* next = nullptr;
    SchedContext* context = nullptr;  ///< in place of `next`, at the head of the stack
};

struct SchedContext final : Object {
    SchedContext() : Object(ObjectKind::SchedContext) {}

    Refills refills;
    Ticks consumed = 0;  ///< since it was last asked for
    Thread* thread = nullptr;
    Reply* reply = nullptr;  ///< head of the stack of callers who lent it
    Notification* notification = nullptr;
    Thread* yield_from = nullptr;
    Word badge = 0;  ///< in timeout faults
    bool sporadic = false;
};

}  // namespace kos::sim

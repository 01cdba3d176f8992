// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// TCB_Configure, SetSpace, SetIPCBuffer, SetTimeoutEndpoint: where a thread finds capabilities and
// memory, and who handles its faults (manual §6.1, A.2.9).
#include "hostsim/kernel/derivation.hpp"
#include "hostsim/kernel/fault_delivery.hpp"
#include "hostsim/kernel/invoke_thread.hpp"
#include "hostsim/kernel/scheduler.hpp"

namespace kos::sim {

namespace {

/// A capability that is to be installed, and the slot that it is a copy of.
struct Installable {
    Capability cap;
    Slot* source = nullptr;
};

struct Spaces {
    Installable cspace;
    Installable vspace;
};

Thread& target_of(const Invocation& invocation) { return *invocation.cap.as<Thread>(); }

bool takes_long_to_replace(Thread& thread) {
    return takes_long_to_delete(thread.slot(ThreadSlot::CSpace)) ||
           takes_long_to_delete(thread.slot(ThreadSlot::VSpace));
}

Result<Installable, InvocationError> derive_space(Slot& source, Word data) {
    const Capability& held = source.cap;
    return Installable{KOS_TRY(derive(source, data == 0 ? held : with_data(false, data, held))),
                       &source};
}

Result<Spaces, InvocationError> decode_spaces(const Invocation& invocation, Word cspace_data,
                                              Slot& cspace, Word vspace_data, Slot& vspace) {
    if (takes_long_to_replace(target_of(invocation))) return Err{illegal_operation()};
    Spaces spaces;
    spaces.cspace = KOS_TRY(derive_space(cspace, cspace_data));
    if (spaces.cspace.cap.kind != CapKind::CNode) return Err{illegal_operation()};
    spaces.vspace = KOS_TRY(derive_space(vspace, vspace_data));
    if (spaces.vspace.cap.kind != CapKind::VSpace || !spaces.vspace.cap.is_mapped) {
        return Err{illegal_operation()};
    }
    return spaces;
}

/// The frame for an IPC buffer at `address`; none where `address` is 0.
Result<Installable, InvocationError> decode_buffer(Word address, Slot& source) {
    if (address == 0) return Installable{};
    const Capability frame = KOS_TRY(derive(source, source.cap));
    if (frame.kind != CapKind::Frame || frame.is_device) return Err{illegal_operation()};
    if (address % sizeof(sel4::IpcBuffer) != 0) return Err{alignment_error()};
    return Installable{frame, &source};
}

/// Deleting what was in a thread's slot may have taken away the source, or the thread itself.
bool is_still_there(const Invocation& invocation, const Capability& cap, const Slot& source) {
    return same_object(cap, source.cap) && same_object(invocation.cap, invocation.slot.cap);
}

void install_spaces(const Invocation& invocation, const Spaces& spaces) {
    Thread& target = target_of(invocation);
    install_thread_cap(invocation, target.slot(ThreadSlot::CSpace), spaces.cspace.cap,
                       spaces.cspace.source);
    install_thread_cap(invocation, target.slot(ThreadSlot::VSpace), spaces.vspace.cap,
                       spaces.vspace.source);
}

void install_buffer(const Invocation& invocation, Word address, const Installable& buffer) {
    Thread& target = target_of(invocation);
    Slot& place = target.slot(ThreadSlot::IpcBuffer);
    delete_cap(invocation.state, place);
    target.ipc_buffer_address = address;
    if (buffer.source != nullptr && is_still_there(invocation, buffer.cap, *buffer.source)) {
        insert_cap(buffer.cap, *buffer.source, place);
    }
    if (&target == invocation.state.current()) reschedule(invocation.state);
}

}  // namespace

void install_thread_cap(const Invocation& invocation, Slot& place, const Capability& cap,
                        Slot* source) {
    delete_cap(invocation.state, place);
    if (!cap.is_null() && is_still_there(invocation, cap, *source)) insert_cap(cap, *source, place);
}

Invoked configure_thread(const Invocation& invocation) {
    if (!invocation.carries(3, 3)) return Err{truncated_message()};
    const Word buffer_address = invocation.word(2);
    const Installable buffer = KOS_TRY(decode_buffer(buffer_address, *invocation.extra_cap(2)));
    const Spaces spaces =
        KOS_TRY(decode_spaces(invocation, invocation.word(0), *invocation.extra_cap(0),
                              invocation.word(1), *invocation.extra_cap(1)));
    install_spaces(invocation, spaces);
    install_buffer(invocation, buffer_address, buffer);
    return {};
}

Invoked set_thread_space(const Invocation& invocation) {
    if (!invocation.carries(2, 3)) return Err{truncated_message()};
    Slot& handler = *invocation.extra_cap(0);
    const Spaces spaces =
        KOS_TRY(decode_spaces(invocation, invocation.word(0), *invocation.extra_cap(1),
                              invocation.word(1), *invocation.extra_cap(2)));
    if (!is_valid_handler(handler.cap)) return Err{invalid_capability(1)};
    install_thread_cap(invocation, target_of(invocation).slot(ThreadSlot::FaultHandler),
                       handler.cap, &handler);
    install_spaces(invocation, spaces);
    return {};
}

Invoked set_thread_ipc_buffer(const Invocation& invocation) {
    if (!invocation.carries(1, 1)) return Err{truncated_message()};
    const Word address = invocation.word(0);
    const Installable buffer = KOS_TRY(decode_buffer(address, *invocation.extra_cap(0)));
    install_buffer(invocation, address, buffer);
    return {};
}

Invoked set_thread_timeout_endpoint(const Invocation& invocation) {
    if (!invocation.carries(0, 1)) return Err{truncated_message()};
    Slot& handler = *invocation.extra_cap(0);
    if (!is_valid_handler(handler.cap)) return Err{invalid_capability(1)};
    install_thread_cap(invocation, target_of(invocation).slot(ThreadSlot::TimeoutHandler),
                       handler.cap, &handler);
    return {};
}

}  // namespace kos::sim

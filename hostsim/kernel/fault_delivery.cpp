// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/fault_delivery.hpp"

#include "hostsim/kernel/endpoint.hpp"
#include "hostsim/kernel/message.hpp"
#include "hostsim/kernel/sched_context.hpp"
#include "hostsim/kernel/scheduler.hpp"

#include <algorithm>
#include <bit>

namespace kos::sim {

namespace {

using sel4::FaultKind;

bool send_fault(State& state, Thread* thread, ThreadSlot handler, const Fault& fault,
                const LookupFault& lookup, bool can_donate) {
    const Capability& cap = thread->slot(handler).cap;
    const bool handled = cap.kind == CapKind::Endpoint;
    if (state.hooks.faults != nullptr) state.hooks.faults->faulted(*thread, fault.kind, handled);
    if (!handled) return false;
    thread->fault = fault;
    thread->lookup_fault =
        state.behaviour.hides_failed_lookups ? LookupFault{LookupFailure::InvalidRoot} : lookup;
    send_ipc(state, *thread, *cap.as<Endpoint>(),
             {.blocking = true,
              .can_donate = can_donate,
              .can_grant = cap.can(RightsMask::grant),
              .can_grant_reply = cap.can(RightsMask::grant_reply),
              .badge = cap.word});
    return true;
}

/// Registers of an UnknownSyscall message, in order.
std::array<Word*, 12> system_call_registers(Registers& r) {
    return {r.x.data(), &r.x[1], &r.x[2],     &r.x[3], &r.x[4], &r.x[5],
            &r.x[6],    &r.x[7], &r.fault_ip, &r.sp,   &r.pc,   &r.spsr};
}
std::array<Word*, 3> exception_registers(Registers& r) { return {&r.fault_ip, &r.sp, &r.spsr}; }

template <std::size_t Size>
void take_registers(const State& state, Thread& handler, Thread& thread,
                    const std::array<Word*, Size>& places) {
    const sel4::IpcBuffer* buffer = send_buffer(state, handler);
    unsigned length = std::min<unsigned>(handler.message_info().length(), Size);
    if (buffer == nullptr) length = std::min(length, sel4::message_registers);
    for (unsigned i = 0; i < length; ++i) {
        const Word value = get_word(handler, buffer, i);
        const bool is_spsr = places[i] == &thread.registers.spsr;
        *places[i] = is_spsr ? sanitised_spsr(value, thread.vcpu != nullptr) : value;
    }
}

/// The answer to a timeout may set all general registers.
void take_context(const State& state, Thread& handler, Thread& thread) {
    constexpr unsigned most = sel4::user_context_words - 2;
    const sel4::IpcBuffer* buffer = send_buffer(state, handler);
    unsigned length = std::min(handler.message_info().length(), most);
    if (buffer == nullptr) length = std::min(length, sel4::message_registers);
    std::array<Word, sel4::user_context_words> words{};
    for (unsigned i = 0; i < length; ++i) words[i] = get_word(handler, buffer, i);
    thread.registers.set_user_context(std::bit_cast<sel4::UserContext>(words), length,
                                      thread.vcpu != nullptr);
}

/// Appends words to a message.
class Writer {
   public:
    Writer(Thread& receiver, sel4::IpcBuffer* buffer) : receiver_(receiver), buffer_(buffer) {}
    void put(Word value) { length_ = set_word(receiver_, buffer_, index_++, value); }
    [[nodiscard]] unsigned length() const { return length_; }

   private:
    Thread& receiver_;
    sel4::IpcBuffer* buffer_;
    unsigned index_ = 0;
    unsigned length_ = 0;
};

}  // namespace

void deliver_fault(State& state, Thread* thread, const Fault& fault, const LookupFault& lookup) {
    if (!send_fault(state, thread, ThreadSlot::FaultHandler, fault, lookup,
                    thread->sched_context != nullptr)) {
        set_thread_state(state, thread, ThreadState::Inactive);
    }
}

bool has_timeout_handler(const Thread& thread) {
    return thread.slot(ThreadSlot::TimeoutHandler).cap.kind == CapKind::Endpoint;
}

void deliver_timeout(State& state, Thread* thread) {
    const Fault fault{FaultKind::Timeout, thread->sched_context->badge};
    send_fault(state, thread, ThreadSlot::TimeoutHandler, fault, {}, false);
}

bool is_valid_handler(const Capability& cap) {
    if (cap.is_null()) return true;
    return cap.kind == CapKind::Endpoint && cap.can(RightsMask::write) &&
           cap.can(RightsMask::grant | RightsMask::grant_reply);
}

unsigned set_fault_message(Thread& sender, Thread& receiver, sel4::IpcBuffer* buffer) {
    Writer message{receiver, buffer};
    const Fault& fault = sender.fault;
    switch (fault.kind) {
        case FaultKind::CapFault: {
            message.put(sender.registers.fault_ip);
            message.put(fault.value);
            message.put(fault.flag ? 1 : 0);
            const auto lookup = sender.lookup_fault.message();
            for (unsigned i = 0; i < lookup.length; ++i) message.put(lookup.words[i]);
            break;
        }
        case FaultKind::UnknownSyscall:
            for (const Word* place : system_call_registers(sender.registers)) message.put(*place);
            message.put(fault.value);
            break;
        case FaultKind::UserException:
            for (const Word* place : exception_registers(sender.registers)) message.put(*place);
            message.put(fault.value);
            message.put(fault.syndrome);
            break;
        case FaultKind::Timeout:
            message.put(fault.value);
            if (sender.sched_context != nullptr) message.put(take_consumed(*sender.sched_context));
            break;
        case FaultKind::VmFault:
            message.put(sender.registers.fault_ip);
            message.put(fault.value);
            message.put(fault.flag ? 1 : 0);
            message.put(fault.syndrome);
            break;
        default:
            message.put(fault.value);
            break;
    }
    return message.length();
}

bool apply_fault_reply(const State& state, Thread& handler, Thread& thread) {
    const bool label_is_zero = handler.message_info().label() == 0;
    switch (thread.fault.kind) {
        case FaultKind::UnknownSyscall:
            take_registers(state, handler, thread, system_call_registers(thread.registers));
            return label_is_zero;
        case FaultKind::UserException:
            take_registers(state, handler, thread, exception_registers(thread.registers));
            return label_is_zero;
        case FaultKind::Timeout:
            take_context(state, handler, thread);
            return label_is_zero;
        default:
            return true;
    }
}

}  // namespace kos::sim

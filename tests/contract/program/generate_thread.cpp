// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Threads and scheduling contexts.
#include "tests/contract/program/generator.hpp"

namespace kos::contract {

using sel4::Invocation;

void Generator::configure() {
    const bool has_buffer = random_.percent(70);
    const Word thread = cap(Kind::Tcb);
    invoke(Invocation::TcbConfigure, thread,
           {choose({0, 0, sel4::cnode_guard(0, 58), 1}), choose({0, 0, 0, 1}),
            has_buffer ? choose({0x8000'0000, 0x8000'0400, 0x8000'0c00, 0x8000'0001}) : 0},
           {random_.percent(80) ? prop::self_by_cptr : cap(Kind::CNode), vspace_for(thread),
            has_buffer ? cap(Kind::Page) : cap_or_null(Kind::Page, 90)});
}

void Generator::set_space() {
    const Word thread = cap(Kind::Tcb);
    invoke(Invocation::TcbSetSpace, thread,
           {choose({0, 0, sel4::cnode_guard(0, 58), 1}), choose({0, 0, 0, 1})},
           {cap_or_null(Kind::Endpoint, 20),
            random_.percent(80) ? prop::self_by_cptr : cap(Kind::CNode), vspace_for(thread)});
}

void Generator::set_priorities() {
    // An actor's own maximum is 150; what else there is has 0.
    const Word value = choose({0, 1, 2, 50, 100, 120, 150, 151, 255, 256, ~Word{0}});
    const Word authority = random_.percent(80) ? prop::actor : cap(Kind::Tcb);
    invoke(random_.percent(60) ? Invocation::TcbSetPriority : Invocation::TcbSetMcPriority,
           cap(Kind::Tcb), {value}, {authority});
}

void Generator::set_sched_params() {
    invoke(Invocation::TcbSetSchedParams, cap(Kind::Tcb),
           {choose({0, 50, 150, 151, 256}), choose({0, 50, 100, 150, 151, 256})},
           {random_.percent(80) ? prop::actor : cap(Kind::Tcb), cap_or_null(Kind::SchedContext, 15),
            cap_or_null(Kind::Endpoint, 25)});
}

void Generator::set_ipc_buffer() {
    const Word address = choose({0, 0x8000'0000, 0x8000'0400, 0x8000'0001, 0x8000'0200, ~Word{0}});
    invoke(Invocation::TcbSetIpcBuffer, cap(Kind::Tcb), {address}, {cap_or_null(Kind::Page, 10)});
}

void Generator::registers() {
    const Word thread = cap(Kind::Tcb);
    const Word count = choose({sel4::user_context_words, sel4::user_context_words, 3, 1, 0, 37});
    const std::uint64_t roll = random_.below(100);
    if (roll < 25) {
        return invoke(Invocation::TcbReadRegisters, thread, {choose({0, 0, 1}), count}, {});
    }
    if (roll < 40) {
        // All but bit 2, which would hand on a pc.
        const Word flags = random_.below(16) & (has_root_vspace(thread) ? 0xf : 0xb);
        return invoke(Invocation::TcbCopyRegisters, thread, {flags}, {cap(Kind::Tcb)});
    }
    std::array<Word, SystemCall::max_words> words{};
    words[0] = choose({0, 1, 1});
    words[1] = count;
    words[2] = has_root_vspace(thread)
                   ? choose({actor_entry_, actor_entry_, actor_entry_ + 4, 0, 2})
                   : choose({0, 2});
    words[3] = choose({0, 0x1230});
    words[4] = choose({0, 0x1c5, 0xf000'0000});
    words[5] = cap(random_.percent(60) ? Kind::Endpoint : Kind::Notification);  // x0
    words[6] = sel4::MessageInfo{7, 0, static_cast<unsigned>(random_.below(5))}.raw();
    for (unsigned i = 7; i < 11; ++i) words[i] = random_.below(0x100);
    words[11] = cap(Kind::Reply);  // x6
    words[12] = ~random_.below(system_call_count);
    invoke(Invocation::TcbWriteRegisters, thread, words, {});
}

void Generator::thread_others() {
    const Word thread = cap(Kind::Tcb);
    switch (random_.below(8)) {
        case 0:
            return invoke(Invocation::TcbSuspend, thread, {}, {});
        case 1:
        case 2:
            return invoke(Invocation::TcbResume, thread, {}, {});
        case 3:
        case 4:
            return invoke(Invocation::TcbBindNotification, thread, {}, {cap(Kind::Notification)});
        case 5:
            return invoke(Invocation::TcbUnbindNotification, thread, {}, {});
        case 6:
            return invoke(Invocation::TcbSetTimeoutEndpoint, thread, {},
                          {cap_or_null(Kind::Endpoint, 30)});
        default:
            if (random_.percent(50)) {
                return invoke(Invocation::TcbSetTlsBase, thread, {any_badge()}, {});
            }
            return invoke(Invocation::TcbSetFlags, thread, {choose({0, 1, 2}), choose({0, 1, 2})},
                          {});
    }
}

void Generator::sched_control() {
    // Nothing between the least budget and a second: no budget runs out while a trace runs.
    constexpr Word second = 1'000'000;
    const Word budget = choose({second, 10 * second, 10 * second, 0, 1, ~Word{0}});
    const Word period = choose({10 * second, 10 * second, 3600 * second, 0, 1, ~Word{0}});
    invoke(Invocation::SchedControlConfigureFlags, cap(Kind::SchedControl),
           {budget, period, choose({0, 0, 1, 4, 1000, ~Word{0}}), any_badge(), choose({0, 1, 2})},
           {cap(Kind::SchedContext)});
}

void Generator::sched_context() {
    const Word context = cap(Kind::SchedContext);
    const Kind bound = random_.percent(70) ? Kind::Tcb : Kind::Notification;
    switch (random_.below(7)) {
        case 0:
        case 1:
        case 2:
            return invoke(Invocation::SchedContextBind, context, {}, {cap(bound)});
        case 3:
            return invoke(Invocation::SchedContextUnbind, context, {}, {});
        case 4:
            return invoke(Invocation::SchedContextUnbindObject, context, {}, {cap(bound)});
        case 5:
            return invoke(Invocation::SchedContextConsumed, context, {}, {});
        default:
            return invoke(Invocation::SchedContextYieldTo, context, {}, {});
    }
}

}  // namespace kos::contract

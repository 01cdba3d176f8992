// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/supervise/alarm.hpp"

#include "lib/sel4/syscall.hpp"

#include <algorithm>

namespace kos::rootserver {

namespace {

constexpr sel4::Word highest_priority = 255;
/// In microseconds. Shorter ones lose replenishments; longer ones are slept in parts.
constexpr sel4::Word shortest_period = 200;
constexpr sel4::Word longest_period = 3'600'000'000;
constexpr sel4::Word microseconds_per_second = 1'000'000;

constexpr Subject subject{"the alarm thread"};

sel4::Word period_until(std::uint64_t deadline, const Clock& clock) {
    const std::uint64_t now = clock.now();
    if (deadline <= now) return shortest_period;
    const std::uint64_t longest = longest_period / microseconds_per_second * clock.hz;
    const std::uint64_t ticks = std::min(deadline - now, longest);
    // An hour of ticks times a million stays below 2^64 for counters of up to 5 GHz.
    const std::uint64_t period = ticks * microseconds_per_second / clock.hz + 1;
    return std::clamp(period, shortest_period, longest_period);
}

}  // namespace

void run_alarm(sel4::Cap<sel4::Notification> go, sel4::Cap<sel4::Notification> expired) {
    for (;;) {
        (void)sel4::wait(go.cptr());
        sel4::yield();
        sel4::signal(expired);
    }
}

Attempt<Alarm> Alarm::create(RootMemory& memory, const RootCSpace& cspace,
                             sel4::Cap<sel4::SchedControl> control,
                             sel4::Cap<sel4::Notification> expired, AlarmProgram program,
                             Clock clock) {
    using sel4::ObjectType;
    Alarm alarm;
    alarm.tcb_ = sel4::Cap<sel4::Tcb>{KOS_TRY(memory.make(ObjectType::Tcb, 0, subject))};
    alarm.context_ = sel4::Cap<sel4::SchedContext>{KOS_TRY(memory.make(
        ObjectType::SchedContext, sel4::abi().size_bits(ObjectType::SchedContext), subject))};
    alarm.go_ =
        sel4::Cap<sel4::Notification>{KOS_TRY(memory.make(ObjectType::Notification, 0, subject))};
    alarm.expired_ = expired;
    alarm.control_ = control;
    alarm.program_ = program;
    alarm.clock_ = clock;

    const sel4::Cap<sel4::Tcb> own_tcb{sel4::root_slot::tcb};
    const sel4::ThreadSpaces spaces{cspace.root(), RootCSpace::root_guard(),
                                    sel4::Cap<sel4::VSpace>{sel4::root_slot::vspace}};
    KOS_TRY(about(subject, sel4::tcb_configure(alarm.tcb_, spaces, 0, {})));
    KOS_TRY(about(subject, sel4::sched_control_configure(
                               control, alarm.context_,
                               {.budget = longest_period, .period = longest_period})));
    KOS_TRY(about(subject, sel4::tcb_set_sched_params(alarm.tcb_, own_tcb, highest_priority,
                                                      highest_priority, alarm.context_, {})));
    KOS_TRY(alarm.restart());
    return alarm;
}

Attempt<> Alarm::arm(std::uint64_t deadline) {
    if (armed_until_ != 0 && armed_until_ <= deadline) return {};
    const bool sleeps = armed_until_ != 0;
    if (sleeps) KOS_TRY(about(subject, sel4::tcb_suspend(tcb_)));
    const sel4::Word period = period_until(deadline, clock_);
    KOS_TRY(about(subject, sel4::sched_control_configure(
                               control_, context_,
                               {.budget = period - 1, .period = period, .sporadic = true})));
    if (sleeps) KOS_TRY(restart());
    sel4::signal(go_);
    armed_until_ = deadline;
    return {};
}

Attempt<> Alarm::restart() {
    sel4::UserContext context{};
    context.pc = program_.entry;
    context.sp = program_.stack_end;
    context.x0 = go_.cptr().value;
    context.x1 = expired_.cptr().value;
    return about(subject, sel4::tcb_write_registers(tcb_, true, context));
}

}  // namespace kos::rootserver

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A timer without a timer device: under MCS a thread that yields sleeps until its scheduling
// context is replenished, and SchedControl says when that is (seL4 Reference Manual, §6.1).
//
//   supervisor                         alarm thread
//   configure: period = time to sleep    wait(go)
//   signal(go) ────────────────────────► yield()          sleeps for the period
//   woken with badge alarm_badge ◄────── signal(expired)  a notification bound to the supervisor
//
// The context is configured while the thread waits, or is suspended and then begins anew, and `go`
// stays until it is taken: nothing is lost between configuring and yielding. Late by the time that
// scheduling takes.
//
// Its signal may come while the supervisor is about to set it to an earlier time, and be seen only
// afterwards. Then it counts as the signal of that time, and the context is configured while the
// thread sleeps: that leaves the sleep as it is (the kernel's refill_update), so the supervisor is
// woken once more than it need be, looks at the counter and asks again.
#pragma once

#include "lib/sel4/types.hpp"
#include "rootserver/boot/root_cspace.hpp"
#include "rootserver/boot/root_memory.hpp"
#include "rootserver/supervise/clock.hpp"
#include "rootserver/trouble.hpp"

#include <cstdint>

namespace kos::rootserver {

/// What the alarm thread does, for ever.
[[noreturn]] void run_alarm(sel4::Cap<sel4::Notification> go,
                            sel4::Cap<sel4::Notification> expired);

/// Where the alarm thread starts, with x0 and x1 the arguments of run_alarm(), and its stack's end.
struct AlarmProgram {
    sel4::Word entry;
    sel4::Word stack_end;
};

class Alarm {
   public:
    /// Makes and starts the thread. It signals \p expired.
    static Attempt<Alarm> create(RootMemory& memory, const RootCSpace& cspace,
                                 sel4::Cap<sel4::SchedControl> control,
                                 sel4::Cap<sel4::Notification> expired, AlarmProgram program,
                                 Clock clock);

    /// Wakes the supervisor when the counter reaches \p deadline, or before: it looks at the
    /// counter and asks again.
    Attempt<> arm(std::uint64_t deadline);
    /// To be called when it has woken the supervisor.
    void expired() { armed_until_ = 0; }

   private:
    Attempt<> restart();

    sel4::Cap<sel4::Tcb> tcb_;
    sel4::Cap<sel4::SchedContext> context_;
    sel4::Cap<sel4::SchedControl> control_;
    sel4::Cap<sel4::Notification> go_;
    sel4::Cap<sel4::Notification> expired_;
    AlarmProgram program_{};
    Clock clock_{};
    std::uint64_t armed_until_ = 0;  ///< counter value; 0: the thread waits
};

}  // namespace kos::rootserver

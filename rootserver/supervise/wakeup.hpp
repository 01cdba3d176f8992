// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What wakes the supervisor beside the messages of apps: one notification bound to its thread, with
// a bit of the badge for each source. Bits that were set since it looked last come together.
#pragma once

#include "lib/native/manager.hpp"
#include "rootserver/boot/root_cspace.hpp"
#include "rootserver/boot/root_memory.hpp"
#include "rootserver/trouble.hpp"

namespace kos::rootserver {

namespace wakeup_badge {
inline constexpr sel4::Word alarm = 1, console = 2;
}

/// Whether a badge is that of the notification: those of apps are above.
[[nodiscard]] constexpr bool is_wakeup(sel4::Word badge) {
    return badge < native::badge_of(0, 0, false);
}

class Wakeup {
   public:
    /// Makes the notification and binds it to the calling thread.
    static Attempt<Wakeup> create(RootMemory& memory) {
        const Subject subject{"the supervisor's notification"};
        const sel4::Cap<sel4::Notification> notification{
            KOS_TRY(memory.make(sel4::ObjectType::Notification, 0, subject))};
        KOS_TRY(about(subject, sel4::tcb_bind_notification(
                                   sel4::Cap<sel4::Tcb>{sel4::root_slot::tcb}, notification)));
        return Wakeup{notification};
    }

    /// A capability for a source that is to be told by \p badge.
    Attempt<sel4::Cap<sel4::Notification>> source(RootMemory& memory, const RootCSpace& cspace,
                                                  sel4::Word badge) const {
        const Subject subject{"a source of the supervisor's notification", badge};
        const sel4::Cap<sel4::Notification> minted{KOS_TRY(memory.slot(subject))};
        KOS_TRY(about(
            subject, sel4::cnode_mint(cspace.slot(minted.cptr()), cspace.slot(notification_.cptr()),
                                      sel4::read_write, badge)));
        return minted;
    }

   private:
    explicit Wakeup(sel4::Cap<sel4::Notification> notification) : notification_(notification) {}

    sel4::Cap<sel4::Notification> notification_;
};

}  // namespace kos::rootserver

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An interrupt of a device that the root server drives: the kernel signals a notification when it
// comes, and masks it until it is acknowledged.
#pragma once

#include "rootserver/boot/root_cspace.hpp"
#include "rootserver/boot/root_memory.hpp"
#include "rootserver/trouble.hpp"

namespace kos::rootserver {

class Interrupt {
   public:
    /// Level-triggered; \p notification is signalled with the badge that it has.
    static Attempt<Interrupt> create(RootMemory& memory, const RootCSpace& cspace, unsigned number,
                                     sel4::Cap<sel4::Notification> notification);

    /// What raised it has been looked after.
    Attempt<> acknowledge();

   private:
    Interrupt(unsigned number, sel4::Cap<sel4::IrqHandler> handler)
        : number_(number), handler_(handler) {}

    unsigned number_;
    sel4::Cap<sel4::IrqHandler> handler_;
};

}  // namespace kos::rootserver

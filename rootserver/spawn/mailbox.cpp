// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/spawn/mailbox.hpp"

#include "lib/sel4/syscall.hpp"
#include "lib/vm/layout.hpp"
#include "lib/vm/mailbox.hpp"
#include "rootserver/pager/scratch.hpp"

namespace kos::rootserver {

Attempt<bool> post_to_vmm(const Root& root, const App& app, Bytes piece) {
    const Subject subject{"the mailbox of app", app.number};
    const auto own = own_frame_at(app, root.image.manifest(), vm::mailbox_address);
    if (!own) return trouble(ErrorCode::ImageCorrupt, subject);
    // The frame's own capability is mapped in the VMM's VSpace. The copy's mapping goes with it.
    const sel4::Slot copy = root.cspace.slot(root.scratch_slot);
    KOS_TRY(about(subject,
                  sel4::cnode_copy(copy, root.cspace.slot(own->frame.cptr()), sel4::read_write)));
    const auto page = map_scratch(sel4::Cap<sel4::Frame>{root.scratch_slot}, 1, page_bits);
    const bool is_put = page && reinterpret_cast<vm::Mailbox*>(page->data())->put(piece);
    if (const auto emptied = sel4::cnode_delete(copy); !emptied) {
        (void)sel4::cnode_delete(copy);
        return Err{about(subject, emptied).error()};
    }
    if (!page) return Err{page.error()};
    if (is_put) {
        sel4::signal(sel4::Cap<sel4::Notification>{app.object(caps::ObjectKind::Notification)});
    }
    return is_put;
}

}  // namespace kos::rootserver

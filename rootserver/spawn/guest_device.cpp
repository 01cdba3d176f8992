// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/spawn/guest_device.hpp"

#include "lib/vm/layout.hpp"
#include "rootserver/boot/external_guests.hpp"

namespace kos::rootserver {

Attempt<> give_guest_device(const Root& root, App& app) {
    if (root.external == nullptr) return {};
    const Subject subject{"the device that runs the guest of app", app.number};
    const auto& device = root.external->device(app.number);
    if (!device) return trouble(ErrorCode::Unsupported, subject);
    // Set aside (build_guest): behind the frames of the guest's memory and the VMM's capabilities
    // to them.
    const std::uint64_t slot =
        app.objects.first_guest_slot() + 2 * std::uint64_t{app.objects.guest_frames()};
    const sel4::CPtr copy = app.object_slot(slot);
    KOS_TRY(
        about(subject, sel4::cnode_copy(root.cspace.slot(copy),
                                        root.cspace.slot(device->frame.cptr()), sel4::read_write)));
    KOS_TRY(app.pager.provide_tables(vm::device_address, page_bits));
    KOS_TRY(about(subject, sel4::page_map(sel4::Cap<sel4::Frame>{copy}, app.vspace(),
                                          vm::device_address.value(), sel4::read_write,
                                          sel4::VmAttributes::DeviceExecuteNever)));
    const sel4::Cap<sel4::CNode> cspace{app.object(caps::ObjectKind::AppCNode)};
    const sel4::Slot interrupt{cspace, vm::slot::interrupt(0).value, vm::cspace_bits};
    KOS_TRY(about(subject, sel4::cnode_copy(interrupt, root.cspace.slot(device->interrupt.cptr()),
                                            sel4::read_write)));
    return about(subject, sel4::irq_handler_set_notification(
                              device->interrupt, sel4::Cap<sel4::Notification>{
                                                     app.object(caps::ObjectKind::Notification)}));
}

}  // namespace kos::rootserver

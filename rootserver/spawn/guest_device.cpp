// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/spawn/guest_device.hpp"

#include "lib/vm/layout.hpp"
#include "rootserver/boot/external_guests.hpp"

namespace kos::rootserver {

namespace {

Subject subject_of(const App& app) { return {"the device that runs the guest of app", app.number}; }

/// Page \p number of the device, in a slot that was set aside for it (build_guest): behind the
/// frames of the guest's memory and the VMM's capabilities to them.
Attempt<> map_page(const Root& root, App& app, std::uint64_t number, sel4::Cap<sel4::Frame> frame,
                   VirtualAddress address, sel4::VmAttributes attributes) {
    const std::uint64_t slot =
        app.objects.first_guest_slot() + 2 * std::uint64_t{app.objects.guest_frames()} + number;
    const sel4::CPtr copy = app.object_slot(slot);
    KOS_TRY(
        about(subject_of(app), sel4::cnode_copy(root.cspace.slot(copy),
                                                root.cspace.slot(frame.cptr()), sel4::read_write)));
    KOS_TRY(app.pager.provide_tables(address, page_bits));
    return about(subject_of(app), sel4::page_map(sel4::Cap<sel4::Frame>{copy}, app.vspace(),
                                                 address.value(), sel4::read_write, attributes));
}

}  // namespace

Attempt<> give_guest_device(const Root& root, App& app) {
    if (root.external == nullptr) return {};
    const Subject subject = subject_of(app);
    const auto& device = root.external->device(app.number);
    if (!device) return trouble(ErrorCode::Unsupported, subject);
    KOS_TRY(map_page(root, app, 0, device->registers, vm::device_address,
                     sel4::VmAttributes::DeviceExecuteNever));
    static_assert(1 + external::window_pages <= caps::guest_device_slots);
    for (std::uint64_t i = 0; i < device->windows.size(); ++i) {
        KOS_TRY(map_page(root, app, 1 + i, device->windows[i], vm::device_windows + i * page_size,
                         sel4::VmAttributes::CacheableExecuteNever));
    }
    const sel4::Cap<sel4::CNode> cspace{app.object(caps::ObjectKind::AppCNode)};
    const sel4::Slot interrupt{cspace, vm::slot::interrupt(0).value, vm::cspace_bits};
    KOS_TRY(about(subject, sel4::cnode_copy(interrupt, root.cspace.slot(device->interrupt.cptr()),
                                            sel4::read_write)));
    return about(subject, sel4::irq_handler_set_notification(
                              device->interrupt, sel4::Cap<sel4::Notification>{
                                                     app.object(caps::ObjectKind::Notification)}));
}

}  // namespace kos::rootserver

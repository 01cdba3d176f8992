// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/spawn/volumes.hpp"

#include "lib/vm/layout.hpp"
#include "rootserver/boot/volume_devices.hpp"

namespace kos::rootserver {

namespace {

using caps::ObjectKind;

Subject subject_of(const App& app) { return {"disks for the volumes of app", app.number}; }

Attempt<> map_registers(const Root& root, App& app, sel4::Cap<sel4::Frame> registers) {
    const Subject subject = subject_of(app);
    // Set aside (build_guest).
    const std::uint64_t slot = app.objects.first_guest_slot() +
                               2 * std::uint64_t{app.objects.guest_frames()} +
                               caps::volume_device_slot;
    const sel4::CPtr copy = app.object_slot(slot);
    KOS_TRY(about(subject, sel4::cnode_copy(root.cspace.slot(copy),
                                            root.cspace.slot(registers.cptr()), sel4::read_write)));
    KOS_TRY(app.pager.provide_tables(vm::volume_registers, page_bits));
    return about(subject, sel4::page_map(sel4::Cap<sel4::Frame>{copy}, app.vspace(),
                                         vm::volume_registers.value(), sel4::read_write,
                                         sel4::VmAttributes::DeviceExecuteNever));
}

}  // namespace

Attempt<> give_volumes(const Root& root, App& app) {
    const manifest::ImageView& image = root.image.manifest();
    const manifest::Vm guest = image.vm(app.record);
    if (root.external != nullptr || !image.has_volumes(guest)) return {};
    const Subject subject = subject_of(app);
    const sel4::Cap<sel4::CNode> cspace{app.object(ObjectKind::AppCNode)};
    const auto give = [&](sel4::CPtr to, sel4::CPtr from) {
        return about(subject, sel4::cnode_copy({cspace, to.value, vm::cspace_bits},
                                               root.cspace.slot(from), sel4::all_rights));
    };
    const sel4::Cap<sel4::Notification> notification{app.object(ObjectKind::Notification, 1)};
    std::uint64_t volumes = 0;
    for (std::uint32_t d = 0; d < guest.disks.count; ++d) {
        const manifest::Disk disk = image.disk(guest, d);
        if (disk.volume == 0) continue;
        const std::uint32_t number = disk.volume - 1;
        const auto* group = root.volumes == nullptr
                                ? nullptr
                                : root.volumes->group(number / manifest::volume_group);
        if (group == nullptr) return trouble(ErrorCode::Unsupported, subject);
        if (volumes == 0) {
            KOS_TRY(map_registers(root, app, group->registers));
            KOS_TRY(give(vm::slot::volume_notification, notification.cptr()));
        }
        const auto interrupt = group->interrupts[number % manifest::volume_group];
        KOS_TRY(give(vm::slot::interrupt(volumes++), interrupt.cptr()));
        KOS_TRY(about(subject, sel4::irq_handler_set_notification(interrupt, notification)));
    }
    return {};
}

Attempt<> stop_volumes(const Root& root, const App& app) {
    if (root.volumes == nullptr || !app.is_microvm()) return {};
    return root.volumes->reset(root.image.manifest(), root.image.manifest().vm(app.record));
}

Attempt<std::uint64_t> volume_memory_of(const Root& root, const App& app) {
    const manifest::ImageView& image = root.image.manifest();
    if (!image.has_volumes(image.vm(app.record))) return std::uint64_t{0};
    const auto own = own_frame_at(app, image, vm::volume_memory);
    if (!own) return trouble(ErrorCode::ImageCorrupt, subject_of(app));
    const auto address = sel4::page_get_address(own->frame);
    if (!address) return Err{about(subject_of(app), sel4::Invoked{Err{address.error()}}).error()};
    return *address;
}

VirtualAddress volume_registers_of(const manifest::Disk& volume) {
    return vm::volume_registers +
           (volume.volume - 1) % manifest::volume_group * VolumeDevices::stride;
}

}  // namespace kos::rootserver

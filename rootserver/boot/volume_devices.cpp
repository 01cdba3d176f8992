// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/boot/volume_devices.hpp"

#include "lib/sel4/syscall.hpp"
#include "rootserver/boot/disk_reset.hpp"

namespace kos::rootserver {

namespace {

constexpr std::uint64_t status_register = 0x70;

Subject subject_of(std::uint32_t number) { return {"the disk of volume", number}; }

}  // namespace

Attempt<VolumeDevices> VolumeDevices::create(RootMemory& memory, const RootCSpace& cspace,
                                             RootVSpace& vspace, const GuestDeviceRange& range,
                                             const manifest::ImageView& image) {
    VolumeDevices devices;
    const auto add_group = [&](std::uint32_t number, Group& group) -> Attempt<> {
        group.registers = sel4::Cap<sel4::Frame>{KOS_TRY(memory.slot(subject_of(number)))};
        const std::uint64_t offset = number * page_size;
        KOS_TRY(memory.make_device_frames(range.registers + offset, 1, page_bits, memory.window(),
                                          group.registers.cptr().value));
        return vspace.map(group.registers, window::volumes + offset, page_bits, sel4::read_write,
                          sel4::VmAttributes::DeviceExecuteNever);
    };
    const auto add = [&](std::uint32_t number) -> Attempt<> {
        if (number / manifest::volume_group >= max_groups) return {};
        auto& group = devices.groups_[number / manifest::volume_group];
        if (!group) KOS_TRY(add_group(number / manifest::volume_group, group.emplace()));
        auto& interrupt = group->interrupts[number % manifest::volume_group];
        interrupt = sel4::Cap<sel4::IrqHandler>{KOS_TRY(memory.slot(subject_of(number)))};
        return about(subject_of(number),
                     sel4::irq_control_get_trigger(
                         sel4::Cap<sel4::IrqControl>{sel4::root_slot::irq_control},
                         range.interrupt + number, false, cspace.slot(interrupt.cptr())));
    };
    for (std::uint32_t number = 0; number < image.app_count(); ++number) {
        const manifest::App app = image.app(number);
        if (app.vm == 0) continue;
        const manifest::Vm guest = image.vm(app);
        for (std::uint32_t d = 0; d < guest.disks.count; ++d) {
            const manifest::Disk disk = image.disk(guest, d);
            if (disk.volume != 0) KOS_TRY(add(disk.volume - 1));
        }
    }
    return devices;
}

Attempt<> VolumeDevices::reset(const manifest::ImageView& image, const manifest::Vm& guest) const {
    Attempt<> outcome;
    for (std::uint32_t d = 0; d < guest.disks.count; ++d) {
        const manifest::Disk disk = image.disk(guest, d);
        if (disk.volume == 0 || group((disk.volume - 1) / manifest::volume_group) == nullptr) {
            continue;
        }
        const auto status = window::volumes + (disk.volume - 1) * stride + status_register;
        if (!reset_disk(
                *reinterpret_cast<volatile std::uint32_t*>(sel4::vspace_pointer(status.value())))) {
            outcome = trouble(ErrorCode::GuestVolume, {image.text(disk.serial)});
        }
    }
    return outcome;
}

}  // namespace kos::rootserver

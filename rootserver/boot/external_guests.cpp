// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/boot/external_guests.hpp"

#include "lib/sel4/syscall.hpp"

namespace kos::rootserver {

namespace {

bool is_microvm(const manifest::App& app) {
    return app.kind == static_cast<std::uint8_t>(manifest::AppKind::MicroVm);
}

}  // namespace

Attempt<ExternalGuests> ExternalGuests::create(RootMemory& memory, const RootCSpace& cspace,
                                               RootVSpace& vspace, const GuestDeviceRange& range,
                                               const manifest::ImageView& image) {
    ExternalGuests guests;
    for (std::uint32_t number = 0; number < image.app_count() && number < max_guests; ++number) {
        if (!is_microvm(image.app(number))) continue;
        const Subject subject{"the device that runs the guest of app", number};
        if (!range.windows) return trouble(ErrorCode::Unsupported, subject);
        const auto frame_at = [&](PhysicalAddress address) -> Attempt<sel4::Cap<sel4::Frame>> {
            const sel4::CPtr slot = KOS_TRY(memory.slot(subject));
            KOS_TRY(memory.make_device_frames(address, 1, page_bits, memory.window(), slot.value));
            return sel4::Cap<sel4::Frame>{slot};
        };
        Device device;
        device.registers = KOS_TRY(frame_at(range.registers + number * page_size));
        KOS_TRY(vspace.map(device.registers, window::guests + number * page_size, page_bits,
                           sel4::read_write, sel4::VmAttributes::DeviceExecuteNever));
        auto address = *range.windows + number * external::window_pages * page_size;
        for (sel4::Cap<sel4::Frame>& frame : device.windows) {
            frame = KOS_TRY(frame_at(address));
            address = address + page_size;
        }
        device.interrupt = sel4::Cap<sel4::IrqHandler>{KOS_TRY(memory.slot(subject))};
        KOS_TRY(about(subject,
                      sel4::irq_control_get_trigger(
                          sel4::Cap<sel4::IrqControl>{sel4::root_slot::irq_control},
                          range.interrupt + number, false, cspace.slot(device.interrupt.cptr()))));
        guests.devices_[number] = device;
    }
    return guests;
}

void ExternalGuests::end(std::uint32_t number) const {
    if (number >= max_guests || !devices_[number]) return;
    const auto address = window::guests + number * page_size +
                         static_cast<std::uint64_t>(external::Register::Command);
    *reinterpret_cast<volatile std::uint32_t*>(sel4::vspace_pointer(address.value())) =
        static_cast<std::uint32_t>(external::Command::End);
}

}  // namespace kos::rootserver

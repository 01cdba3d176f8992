// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The machine's disks that are volumes of guests: virtio-mmio devices side by side, as QEMU's virt
// machine has them. A page holds the registers of eight, those of one guest's volumes
// (manifest::volume_group), so that a VMM sees no other's.
//
// A device reads and writes memory by physical addresses that its driver, the VMM, gives it. The
// root server has its registers too, and stops it before that memory is anybody else's.
#pragma once

#include "lib/base/address.hpp"
#include "lib/manifest/view.hpp"
#include "rootserver/boot/guest_device_range.hpp"
#include "rootserver/boot/root_cspace.hpp"
#include "rootserver/boot/root_memory.hpp"
#include "rootserver/boot/root_vspace.hpp"
#include "rootserver/trouble.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace kos::rootserver {

class VolumeDevices {
   public:
    /// Bytes from one device's registers to the next one's.
    static constexpr std::uint64_t stride = page_size / manifest::volume_group;
    static constexpr std::uint32_t max_groups = 4;

    struct Group {
        sel4::Cap<sel4::Frame> registers;
        std::array<sel4::Cap<sel4::IrqHandler>, manifest::volume_group> interrupts;
    };

    /// Makes and maps those that the image's guests have. What the machine does not have is left
    /// out.
    static Attempt<VolumeDevices> create(RootMemory& memory, const RootCSpace& cspace,
                                         RootVSpace& vspace, const GuestDeviceRange& range,
                                         const manifest::ImageView& image);

    /// Null where the machine has no such group.
    [[nodiscard]] const Group* group(std::uint32_t number) const {
        return number < max_groups && groups_[number] ? &*groups_[number] : nullptr;
    }
    /// Has the devices of a guest forget what they were told: none touches memory any more, but
    /// the one that is reported.
    Attempt<> reset(const manifest::ImageView& image, const manifest::Vm& guest) const;

   private:
    std::array<std::optional<Group>, max_groups> groups_{};
};

}  // namespace kos::rootserver

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Checks of what the image has for a microVM: its guest's memory, processors, blobs, disks and
// interfaces.
#include "lib/base/address.hpp"
#include "lib/manifest/require.hpp"
#include "lib/manifest/view.hpp"

namespace kos::manifest {

namespace {

constexpr std::uint8_t mac_multicast = 1;

/// Behind the guest's volume \p previous, if there is one, and in its group.
bool is_next_volume(const Disk& disk, std::uint32_t previous) {
    return disk.blob == 0 && disk.volume > previous &&
           (previous == 0 || (disk.volume - 1) / volume_group == (previous - 1) / volume_group);
}

}  // namespace

std::uint32_t ImageView::volume_group_of(const Vm& vm) const {
    for (std::uint32_t number = 0; number < vm.disks.count; ++number) {
        const std::uint32_t volume = disk(vm, number).volume;
        if (volume != 0) return (volume - 1) / volume_group + 1;
    }
    return 0;
}

Checked ImageView::check_guest(std::uint32_t number) const {
    const App app = this->app(number);
    KOS_TRY(require(app.vm >= 1 && app.vm <= header_.vms.count && is_executable(app, app.entry),
                    ImageError::App));
    const Vm guest = vm(app);
    KOS_TRY(check_vm(guest));
    // A group's registers share a page, so that two guests would have each other's disks.
    const std::uint32_t group = volume_group_of(guest);
    for (std::uint32_t other = 0; group != 0 && other < number; ++other) {
        const App earlier = this->app(other);
        KOS_TRY(
            require(earlier.vm == 0 || volume_group_of(vm(earlier)) != group, ImageError::Guest));
    }
    for (std::uint32_t i = 0; i < guest.interfaces.count; ++i) {
        const std::uint32_t membership = interface(guest, i).membership;
        if (membership == 0) continue;
        const auto server = server_of(app, membership - 1);
        KOS_TRY(require(server && kind_of(*server) == AppKind::NetworkSwitch, ImageError::Guest));
    }
    const ObjectCounts& objects = app.objects;
    return require(objects.vcpus == guest.vcpus &&
                       std::uint64_t{objects.guest_frames} == guest.memory / large_page_size,
                   ImageError::App);
}

Checked ImageView::check_vm(const Vm& vm) const {
    KOS_TRY(require(is_aligned<std::uint64_t>(vm.memory, large_page_size) &&
                        vm.memory >= min_guest_memory && vm.memory <= max_guest_memory &&
                        vm.vcpus >= 1 && vm.vcpus <= max_vcpus &&
                        is_blob(vm.kernel, BlobKind::GuestKernel) &&
                        (vm.initrd == 0 || is_blob(vm.initrd - 1, BlobKind::GuestInitrd)),
                    ImageError::Guest));
    KOS_TRY(require(list_fits(vm.command_line.offset, vm.command_line.length, header_.text),
                    ImageError::String));
    KOS_TRY(require(vm.disks.count <= max_disks &&
                        list_fits(vm.disks.offset, vm.disks.count, header_.disks) &&
                        vm.interfaces.count <= max_interfaces &&
                        list_fits(vm.interfaces.offset, vm.interfaces.count, header_.interfaces),
                    ImageError::Guest));
    std::uint32_t previous = 0;
    for (std::uint32_t number = 0; number < vm.disks.count; ++number) {
        const Disk entry = disk(vm, number);
        KOS_TRY(require(list_fits(entry.serial.offset, entry.serial.length, header_.text),
                        ImageError::String));
        KOS_TRY(require(entry.serial.length <= max_serial &&
                            (entry.volume == 0 ? is_blob(entry.blob, BlobKind::Disk)
                                               : is_next_volume(entry, previous)),
                        ImageError::Guest));
        if (entry.volume != 0) previous = entry.volume;
    }
    for (std::uint32_t number = 0; number < vm.interfaces.count; ++number) {
        const Interface entry = interface(vm, number);
        KOS_TRY(require(list_fits(entry.network.offset, entry.network.length, header_.text),
                        ImageError::String));
        KOS_TRY(require((entry.mac[0] & mac_multicast) == 0, ImageError::Guest));
    }
    return {};
}

}  // namespace kos::manifest

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Where things lie for a VMM: in its VSpace, in its CSpace, and in its guest's memory.
//
//   0x00_0040_0000  vmm.elf, where it was linked
//   0x10_0000_0000  the guest's blobs (kernel, initrd, disks), read-only, each on a large page
//   0x20_0000_0000  the guest's memory
//   0x70_0fe0_0000  what it shares with its volumes' devices (1 large page)
//   0x70_1000_0000  VmInfo (1 page, read-only), then the page of a device, then the mailbox, then
//                   the registers of its volumes' devices, then the first device's memory
//   0x70_1020_0000  the area of the VMM's thread: as a native app's first (lib/native)
//   0x70_3000_0000  its areas in those of its message servers (lib/message/layout.hpp), and their
//                   endpoints in the slots that a native app has them in
#pragma once

#include "lib/base/address.hpp"
#include "lib/manifest/image.hpp"
#include "lib/native/address_space.hpp"
#include "lib/native/manager.hpp"
#include "lib/vm/external.hpp"

namespace kos::vm {

inline constexpr VirtualAddress blobs_base = native::mmap_base;
inline constexpr VirtualAddress guest_memory_base{0x20'0000'0000};
inline constexpr VirtualAddress info_address = native::process_info_address;
/// What starts guests outside, where the machine has such a device (hostsim/machine).
inline constexpr VirtualAddress device_address = info_address + page_size;
/// What the root server passes on from the host (mailbox.hpp).
inline constexpr VirtualAddress mailbox_address = device_address + page_size;
/// The registers of volumes, where the machine has disks for them.
inline constexpr VirtualAddress volume_registers = mailbox_address + page_size;
/// The windows of what starts guests outside.
inline constexpr VirtualAddress device_windows = volume_registers + page_size;
/// Rings and buffers of volumes, each a part of one large page, which is one piece of physical
/// memory too: the devices read and write it.
inline constexpr VirtualAddress volume_memory = info_address - large_page_size;
inline constexpr std::uint64_t volume_memory_part = large_page_size / manifest::volume_group;

// Each window ends below the next one; the packer sees to it that blobs do.
static_assert(native::image_limit <= blobs_base && blobs_base < guest_memory_base);
static_assert(guest_memory_base + manifest::max_guest_memory < native::mmap_limit);
static_assert(native::mmap_limit <= volume_memory);
static_assert(device_windows + external::window_pages * page_size <= native::thread_areas);
static_assert(native::thread_area(1) <= native::stack_top);
// Each is mapped by whole pages, small or large.
static_assert(info_address.is_aligned(page_size) && native::thread_areas.is_aligned(page_size) &&
              blobs_base.is_aligned(large_page_size) &&
              guest_memory_base.is_aligned(large_page_size) &&
              volume_memory.is_aligned(large_page_size) && volume_memory_part % page_size == 0);

/// The guest's own view: RAM where QEMU's virt machine has it, the interrupt controller's pages
/// below.
inline constexpr std::uint64_t guest_ram = 0x4000'0000;
inline constexpr std::uint64_t guest_devices = 0x0800'0000;
/// GICv2's processor interface, in whose place the hardware's virtual one is.
inline constexpr std::uint64_t guest_gic_v2_cpu = guest_devices + 0x1'0000;
static_assert(guest_devices % page_size == 0 && guest_gic_v2_cpu % page_size == 0 &&
              guest_gic_v2_cpu < guest_ram && guest_ram % large_page_size == 0);

/// What tells the VMM whose fault it gets; its notification has no badge.
[[nodiscard]] constexpr sel4::Word fault_badge(std::uint64_t vcpu) { return vcpu + 1; }

/// Slots of a VMM's CSpace: the first thread's of a native app (manager endpoint, notification),
/// then these.
namespace slot {
/// Where faults of the guest's threads arrive.
inline constexpr sel4::CPtr fault_endpoint{12};
/// What the interrupts of volumes signal; there where the guest has some.
inline constexpr sel4::CPtr volume_notification{13};
/// Four slots for each virtual CPU.
inline constexpr std::uint64_t first_of_vcpus = 16;
[[nodiscard]] constexpr sel4::CPtr reply(std::uint64_t vcpu) { return {first_of_vcpus + 4 * vcpu}; }
[[nodiscard]] constexpr sel4::CPtr vcpu(std::uint64_t number) {
    return {first_of_vcpus + 4 * number + 1};
}
[[nodiscard]] constexpr sel4::CPtr tcb(std::uint64_t vcpu) {
    return {first_of_vcpus + 4 * vcpu + 2};
}
/// Interrupts that the VMM acknowledges.
inline constexpr std::uint64_t first_interrupt = first_of_vcpus + 4 * manifest::max_vcpus;
[[nodiscard]] constexpr sel4::CPtr interrupt(std::uint64_t number) {
    return {first_interrupt + number};
}
}  // namespace slot
inline constexpr unsigned cspace_bits = 6;
static_assert(slot::first_interrupt < 1u << cspace_bits);

}  // namespace kos::vm

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Physical addresses of the simulated board: those of QEMU's virt machine, as seL4's qemu-arm-virt
// platform with hypervisor support is configured for it.
#pragma once

#include "hostsim/kernel/boot.hpp"
#include "hostsim/kernel/physical_memory.hpp"
#include "lib/base/address.hpp"
#include "lib/vm/external.hpp"

#include <array>
#include <cstdint>

namespace kos::sim::memory_map {

inline constexpr PhysicalAddress uart{0x0900'0000};
inline constexpr std::uint64_t uart_size = page_size;
/// The UART's shared peripheral interrupt, and the number that the GIC and the kernel give it.
inline constexpr std::uint32_t uart_interrupt = 1;
inline constexpr unsigned uart_irq = 32 + uart_interrupt;

/// The devices by which VMMs have their guests run outside (lib/vm/external.hpp): registers,
/// windows and an interrupt for each of so many apps.
inline constexpr std::uint32_t guests_count = 16;
inline constexpr PhysicalAddress guests{0x0b00'0000};
inline constexpr std::uint64_t guests_size = guests_count * page_size;
inline constexpr PhysicalAddress guest_windows{0x0b10'0000};
inline constexpr std::uint64_t guest_windows_size =
    std::uint64_t{guests_count} * external::window_pages * page_size;
inline constexpr std::uint32_t guests_interrupt = 80;
inline constexpr unsigned guests_irq = 32 + guests_interrupt;

/// RAM that the kernel does not manage, and where QEMU's -initrd puts the system image in it.
inline constexpr PhysicalAddress outside_ram{0x4000'0000};
inline constexpr PhysicalAddress system_image{0x4800'0000};
/// RAM that it manages. It lies at the start itself.
inline constexpr PhysicalAddress ram{0x6000'0000};
inline constexpr PhysicalRange kernel{ram, ram + 0x24'0000};

inline constexpr std::uint64_t largest_system_image = ram - system_image;
/// Up to the end of what 40-bit physical addresses leave below QEMU's high devices.
inline constexpr std::uint64_t largest_memory = std::uint64_t{250} << 30;

[[nodiscard]] constexpr std::array<MemoryRegion, 5> regions(std::uint64_t memory_size) {
    constexpr PhysicalAddress windows_end = guest_windows + guest_windows_size;
    return {{
        {PhysicalAddress{0}, guest_windows.value(), MemoryKind::DeviceRegisters},
        {guest_windows, guest_windows_size, MemoryKind::OutsideRam},
        {windows_end, outside_ram - windows_end, MemoryKind::DeviceRegisters},
        {outside_ram, ram - outside_ram, MemoryKind::OutsideRam},
        {ram, memory_size, MemoryKind::Normal},
    }};
}

}  // namespace kos::sim::memory_map

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Where a guest finds what.
#pragma once

#include "lib/base/address.hpp"
#include "vmm/boot/device_tree.hpp"
#include "vmm/gic/version2.hpp"
#include "vmm/gic/version3.hpp"

namespace kos::vmm::layout {

inline constexpr GuestRange distributor_v2{GuestAddress{0x0800'0000}, GicV2::distributor_size};
/// Of GICv2: the hardware's virtual interface is mapped here.
inline constexpr GuestRange processor_interface{GuestAddress{0x0801'0000}, 2 * page_size};
inline constexpr GuestRange distributor_v3{GuestAddress{0x0800'0000}, GicV3::distributor_size};
inline constexpr GuestRange redistributor{GuestAddress{0x080a'0000}, GicV3::redistributor_size};
inline constexpr GuestRange early_console{GuestAddress{0x0900'0000}, page_size};
inline constexpr GuestAddress virtio{0x0a00'0000};
inline constexpr GuestAddress memory{0x4000'0000};

/// Of virtio device \p number.
[[nodiscard]] constexpr VirtioNode virtio_device(unsigned number) {
    return {virtio + number * page_size, number};
}

/// The virtual timer's private interrupt.
inline constexpr unsigned timer_interrupt = 27;

}  // namespace kos::vmm::layout

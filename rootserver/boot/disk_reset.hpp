// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The end of all that a virtio disk does with memory.
#pragma once

#include <cstdint>

namespace kos::rootserver {

/// Of the status, each of which takes a device's time.
inline constexpr unsigned max_reset_reads = 100'000;

/// virtio-mmio, VIRTIO 1.2, section 4.2.2: writing 0 to the status resets the device, which has
/// been done once it reads as 0. False where it never does. \p Status: a register, or a test's.
template <class Status>
[[nodiscard]] bool reset_disk(Status& status) {
    status = 0;
    unsigned reads = 0;
    while (status != 0) {
        if (++reads == max_reset_reads) return false;
    }
#ifdef __aarch64__
    // Registers and memory are of two kinds, whose accesses the processor may reorder.
    asm volatile("dsb sy" ::: "memory");
#endif
    return true;
}

}  // namespace kos::rootserver

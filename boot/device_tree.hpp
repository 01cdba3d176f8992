// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The device tree that the kernel and the root server get: the firmware's, with what kos adds to
// /chosen, packed and placed where the kernel expects it.
#pragma once

#include "boot/table.hpp"

#include <cstdint>

namespace kos::boot {

/// Copies the tree at \p source to \p destination (at most \p capacity bytes), adds
/// linux,initrd-start/end, kos,kernel-abi and kos,boot-time, and halts with a message where that
/// cannot be done. \p shim_entered: the counter's value when the shim was, for kos,shim-entered.
/// Returns the bytes that the packed tree takes.
std::uint64_t place_device_tree(const void* source, void* destination, std::uint64_t capacity,
                                std::uint64_t system_image, std::uint64_t shim_entered,
                                const BootTable& table);

/// Writes kos,kernel-entered to the tree that was placed: the last thing that the shim does.
void set_kernel_entered(void* tree, std::uint64_t counter);

}  // namespace kos::boot

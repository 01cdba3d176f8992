// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The device tree that the kernel and the root server get: the firmware's, with what kos adds to
// /chosen, packed and placed where the kernel expects it.
#pragma once

#include "boot/checks.hpp"
#include "boot/table.hpp"

#include <cstdint>

namespace kos::boot {

/// The tree at \p source, or a halt where there is none that can be read.
const void* checked_device_tree(const void* source);

/// Its bytes, with the padding that it has.
std::uint64_t bytes_of_tree(const void* tree);

/// The RAM that the tree names.
Ram memory_of(const void* tree);

/// What the root server is told of the system image.
struct ImagePlace {
    std::uint64_t physical;
    /// Where the kernel maps it as part of the root server's image; 0 where it does not.
    std::uint64_t address = 0;
    std::uint64_t first_frame = 0;  ///< pages of the root server's image before it
};

/// Copies the tree at \p source to \p destination (at most \p capacity bytes), completes /chosen
/// (rootserver/boot/boot_parameters.hpp says with what), and halts with a message where that cannot
/// be done. \p shim_entered: the counter's value when the shim was, for kos,shim-entered. Returns
/// the bytes that the packed tree takes.
std::uint64_t place_device_tree(const void* source, void* destination, std::uint64_t capacity,
                                const ImagePlace& image, std::uint64_t shim_entered,
                                const BootTable& table);

/// Writes kos,kernel-entered to the tree that was placed: the last thing that the shim does.
void set_kernel_entered(void* tree, std::uint64_t counter);

}  // namespace kos::boot

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Writes the flat arm64 Image of a board: boot shim, boot table, kernel, system image.
#pragma once

#include "boards/board.hpp"
#include "cli/kernel/install.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/error.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace kos::boot_image {

/// What goes into a flat image. Every span outlives the call.
struct Parts {
    const boards::Board& board;
    const kernel::Install& kernel;
    Bytes shim_elf;      ///< boot.elf
    Bytes kernel_elf;    ///< the file that `kernel` names
    Bytes system_image;  ///< a whole system image, checked
    /// Seconds since 1970 when the image will start; 0 where that is not known.
    std::uint64_t boot_time = 0;
    /// Of the apps' random numbers; zeros: the firmware's.
    std::array<std::uint8_t, 32> seed{};
    /// Whether the root server tells its invocations.
    bool trace = false;
};

/// The image; the same parts give the same bytes. Refuses, with numbers, what the board's RAM
/// cannot hold.
Outcome<std::vector<std::byte>> write_flat_image(const Parts& parts);

}  // namespace kos::boot_image

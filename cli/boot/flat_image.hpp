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
#include <optional>
#include <string_view>
#include <vector>

namespace kos::boot_image {

/// Where the system image lies while the system runs.
enum class Placement : std::uint8_t {
    Outside,    ///< in RAM that the kernel does not manage: costs no slots, may use large pages
    RootImage,  ///< behind the root server, as part of its image: a slot and a small page a page
};
[[nodiscard]] std::string_view describe(Placement placement);

/// What was wanted; else Outside where the board's load address is RAM that the kernel leaves
/// alone. KOS-E-UNSUPPORTED where it does not and Outside was wanted.
Outcome<Placement> choose_placement(const boards::Board& board, const kernel::Install& kernel,
                                    std::optional<Placement> wanted = std::nullopt);

/// What goes into a flat image. Every span outlives the call.
struct Parts {
    const boards::Board& board;
    const kernel::Install& kernel;
    Bytes shim_elf;      ///< boot.elf
    Bytes kernel_elf;    ///< the file that `kernel` names
    Bytes system_image;  ///< a whole system image, checked
    Placement placement = Placement::Outside;
    Bytes device_tree{};  ///< in place of the firmware's; empty: the firmware passes one
    /// Seconds since 1970 when the image will start; 0 where that is not known.
    std::uint64_t boot_time = 0;
    /// Of the apps' random numbers; zeros: the firmware's.
    std::array<std::uint8_t, 32> seed{};
    /// Whether the root server tells its invocations.
    bool trace = false;
};

struct FlatImage {
    std::vector<std::byte> bytes;
    std::uint64_t load_address;  ///< where it must be loaded
    std::uint64_t slots;         ///< of the root CNode that the root server's image takes
};

/// The image; the same parts give the same bytes. Refuses, with numbers, what the board's RAM or
/// the kernel's root CNode cannot hold.
Outcome<FlatImage> write_flat_image(const Parts& parts);

}  // namespace kos::boot_image

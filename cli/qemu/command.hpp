// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The QEMU command line for a board.
#pragma once

#include "boards/board.hpp"
#include "cli/kernel/install.hpp"
#include "lib/base/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace kos::qemu {

/// Descriptors of the child that its serial line and its QMP monitor use.
inline constexpr int serial_fd = 3;
inline constexpr int monitor_fd = 4;

/// A raw file that the machine has as a disk.
struct Volume {
    std::uint32_t number;  ///< in the system image: the virtio-mmio bus that it is on
    std::string serial;
    std::string path;
};

/// The arguments, program name first, that boot `image` (a flat arm64 Image) on `board` with the
/// interrupt controller that the kernel was built for. Semihosting stays off: it would give every
/// program the host's files.
[[nodiscard]] std::vector<std::string> command_for(const boards::Board& board,
                                                   const kernel::Install& kernel,
                                                   const std::filesystem::path& image,
                                                   const std::vector<Volume>& volumes = {});

}  // namespace kos::qemu

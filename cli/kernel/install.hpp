// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Finds the seL4 kernel that the user supplies, and derives the kernel ABI record from its headers.
// Layouts: an seL4 install prefix, or a board's configuration folder in a Microkit SDK.
#pragma once

#include "cli/kernel/config.hpp"
#include "lib/base/error.hpp"
#include "lib/sel4/abi.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kos::kernel {

/// A range of physical addresses.
struct MemoryRange {
    std::uint64_t start;
    std::uint64_t end;  ///< first address behind
};

/// A kernel that kos can boot.
struct Install {
    std::filesystem::path folder;
    std::filesystem::path kernel_elf;
    Config config;
    std::vector<MemoryRange> memory;  ///< that the kernel manages (platform_gen.json)
    std::string_view version;         ///< such as 15.0 (version.hpp)
    sel4::KernelAbi abi;
};

/// getenv, or a test's stand-in.
using Environment = std::function<std::optional<std::string>(const std::string&)>;
Environment process_environment();

/// Where a kernel of a board may lie, in this order: SEL4_PREFIX; MICROKIT_SDK/board/BOARD/CONFIG;
/// /usr/local/share/kos/kernels/BOARD. Nothing where none of them is there.
[[nodiscard]] std::optional<std::filesystem::path> find_folder(const std::string& board,
                                                               const Environment& environment);

/// Reads and checks the kernel in \p folder.
Outcome<Install> open_install(const std::filesystem::path& folder);

/// find_folder and open_install, with an error that says where was looked.
Outcome<Install> find_install(const std::string& board, const Environment& environment);

}  // namespace kos::kernel

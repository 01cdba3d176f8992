// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the shim can find wrong before it touches the machine: pure functions over what was loaded.
#pragma once

#include "boot/table.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/error_catalogue.hpp"
#include "lib/base/static_vector.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace kos::boot {

/// Starts the line that says why the system cannot start; behind it come the code and particulars.
inline constexpr std::string_view halt_prefix = "kos: halt: ";

/// Why the system cannot start, as halt() says it.
struct Problem {
    ErrorCode code;
    std::string_view what;  ///< static
    std::uint64_t value = 0;
};

/// Where the console is.
struct ConsolePlace {
    std::uint8_t kind;  ///< boards::UartKind
    std::uint64_t address;
};

/// From the head, or the table where the head is damaged; nothing where both are.
[[nodiscard]] std::optional<ConsolePlace> find_console(const ImageHead& head,
                                                       const BootTable& table);

/// Damage to head or table, and a table that says what cannot be.
[[nodiscard]] std::optional<Problem> check_table(const ImageHead& head, const BootTable& table);

/// CRC-32 of bytes; the shim has a quicker one than lib/base.
using Checksum = std::uint32_t (*)(Bytes);

/// The first part of the flat image that is damaged: kernel, device tree, root server, system
/// image.
[[nodiscard]] std::optional<Problem> check_parts(const BootTable& table, Bytes flat_image,
                                                 Checksum checksum);

/// ID_AA64MMFR0_EL1 (Arm ARM D19.2.64) against the physical addresses that TCR_EL2 names.
[[nodiscard]] std::optional<Problem> check_processor(std::uint64_t memory_model,
                                                     std::uint64_t tcr_el2);

using Ram = StaticVector<MemoryRange, 16>;

/// The first address of [start, end) that is not RAM; \p end where all of it is.
[[nodiscard]] std::uint64_t first_gap(std::span<const MemoryRange> ram, std::uint64_t start,
                                      std::uint64_t end);

/// Whether the flat image at \p image and what the kernel manages are RAM.
[[nodiscard]] std::optional<Problem> check_memory(const BootTable& table, std::uint64_t image,
                                                  std::span<const MemoryRange> ram);

}  // namespace kos::boot

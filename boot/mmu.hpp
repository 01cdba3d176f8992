// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The processor: translation tables of EL2 for the shim and for the kernel's first instructions,
// caches, checksums.
#pragma once

#include "boot/table.hpp"
#include "lib/base/bytes.hpp"

#include <cstdint>

namespace kos::boot {

/// Identity-maps 512 GiB by gigabyte blocks (RAM as the table says, the rest as devices), maps the
/// kernel at its virtual address by 2 MiB blocks, and switches MMU and caches on.
void enable_mmu(const BootTable& table);

/// Makes what was written to [start, start + size) visible to instruction fetch and to readers that
/// bypass the caches.
void clean_caches(std::uint64_t start, std::uint64_t size);

/// The processor's ID_AA64MMFR0_EL1, for check_processor().
[[nodiscard]] std::uint64_t memory_model();

/// CRC-32 by the processor's own instructions where it has them; for memory that is cached.
[[nodiscard]] std::uint32_t checksum_of_memory(Bytes bytes);

}  // namespace kos::boot

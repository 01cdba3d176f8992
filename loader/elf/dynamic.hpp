// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The dynamic section, and the relocations it names.
//
// Applied: R_AARCH64_RELATIVE, RELR, and ABS64, GLOB_DAT, JUMP_SLOT against symbols that the file
// defines itself: what a self-contained image such as libos has. Anything else is refused,
// IRELATIVE and TLS relocations among it. Static-PIE programs relocate themselves and are not
// touched here.
#pragma once

#include "loader/elf/file.hpp"

namespace kos::elf {

/// Tables that the dynamic section names, as bytes of the file; empty where there are none.
struct DynamicTables {
    Bytes rela, jump_slots, relr;
    Bytes symbols;                 ///< from the first symbol to the end of its segment's file part
    bool needs_libraries = false;  ///< DT_NEEDED: linked dynamically
    bool text_relocations = false;
};

[[nodiscard]] Result<DynamicTables, Error> read_dynamic(const File& file);

/// Memory of a loaded image: the bytes from `address` on.
struct LoadedRange {
    VirtualAddress address;
    MutableBytes bytes;
};

/// Relocates an image that lies `bias` above the file's addresses: writes to \p image, whose ranges
/// have addresses as mapped. Returns how many words were written. A failure leaves some written.
[[nodiscard]] Result<std::uint64_t, Error> relocate(const File& file, std::uint64_t bias,
                                                    std::span<const LoadedRange> image);

}  // namespace kos::elf

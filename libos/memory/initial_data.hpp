// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a program's data holds at the start. Its frames are zero when libos starts; the bytes of the
// ELF file's writable segments are copied there from the file as it lies in the initrd, so that the
// root server need not touch them (docs/adr/0005).
#pragma once

#include "lib/base/address.hpp"
#include "lib/base/bytes.hpp"

#include <cstddef>
#include <optional>

namespace kos::libos {

struct InitialData {
    VirtualAddress address;  ///< as mapped
    Bytes bytes;
};

/// The next writable PT_LOAD with bytes of an ELF64 \p file that was loaded with its entry point at
/// \p entry, from program header \p number on, which is moved behind it. Nothing where there is
/// none, or where the file is not what the packer has checked.
[[nodiscard]] std::optional<InitialData> next_initial_data(Bytes file, VirtualAddress entry,
                                                           std::size_t& number);

}  // namespace kos::libos

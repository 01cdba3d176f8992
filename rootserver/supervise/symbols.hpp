// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Looks up the symbol that an address belongs to, in a Symbols blob of the system image.
#pragma once

#include "lib/base/address.hpp"
#include "lib/base/bytes.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace kos::rootserver {

struct NearestSymbol {
    std::string_view name;
    std::uint64_t distance;  ///< bytes from its start to the address
};

/// The last symbol at or below \p address; nothing where there is none or the blob is malformed.
[[nodiscard]] std::optional<NearestSymbol> nearest_symbol(Bytes blob, VirtualAddress address);

}  // namespace kos::rootserver

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Helpers of ImageView's checks.
#pragma once

#include "lib/base/checked.hpp"
#include "lib/base/result.hpp"
#include "lib/manifest/view.hpp"

#include <cstdint>

namespace kos::manifest {

using Checked = Result<void, ImageError>;

inline Checked require(bool holds, ImageError error) {
    if (!holds) return Err{error};
    return {};
}

/// Whether elements [first, first + count) are in the table.
inline bool list_fits(std::uint64_t first, std::uint64_t count, const Table& table) {
    return range_within(first, count, table.count);
}

}  // namespace kos::manifest

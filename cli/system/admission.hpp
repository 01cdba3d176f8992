// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Whether a system fits (F4), before anything starts: who needs what, and what is missing.
#pragma once

#include "lib/base/error.hpp"
#include "lib/manifest/view.hpp"
#include "lib/sel4/abi.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kos::system {

struct Need {
    std::string name;
    std::uint64_t app;    ///< bytes of untypeds
    std::uint64_t guest;  ///< bytes of a microVM's memory
};

/// In the order of the apps.
[[nodiscard]] std::vector<Need> needs_of(const manifest::ImageView& image,
                                         const sel4::KernelAbi& abi);

/// A line for each app, their sum, what there is, and what is missing or left.
[[nodiscard]] std::string table_of(const std::vector<Need>& needs, std::uint64_t memory);

/// KOS-E-UNTYPED with the table where the apps cannot fit in \p memory bytes. The kernel and the
/// root server take some more: the root server has the last word.
Outcome<void> admit(const std::vector<Need>& needs, std::uint64_t memory);

}  // namespace kos::system

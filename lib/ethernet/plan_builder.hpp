// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Makes the blob that lib/ethernet/plan.hpp reads. Hosted.
#pragma once

#include "lib/ethernet/plan.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kos::ethernet {

struct Member {
    std::uint32_t app = 0;
    std::string name{};
    std::array<std::uint8_t, 6> mac{};
};

/// In the order of the members' numbers.
[[nodiscard]] std::vector<std::byte> make_plan(const std::vector<Member>& members);

}  // namespace kos::ethernet

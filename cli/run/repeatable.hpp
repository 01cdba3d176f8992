// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What --seed stands for, on every target: the same number gives the apps the same random numbers
// and the same date.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/little_endian.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace kos::run {

/// When the clock of a repeatable run starts: 2026-01-01T00:00:00Z.
inline constexpr std::uint64_t repeatable_boot_time = 1'767'225'600;

/// Never all zeros: that would be no seed.
[[nodiscard]] inline std::array<std::uint8_t, 32> seed_of(std::uint64_t number) {
    std::array<std::uint8_t, 32> seed{};
    const Le64 field{number};
    std::memcpy(seed.data(), &field, sizeof(field));
    seed.back() = 1;
    return seed;
}

}  // namespace kos::run

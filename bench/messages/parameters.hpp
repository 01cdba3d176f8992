// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the driver asks the program for: it finds one by its magic in the ELF file and fills it in.
#pragma once

#include <array>
#include <cstdint>

namespace kos::bench {

struct MessageParameters {
    static constexpr std::array<char, 16> expected_magic{"kos messages v1"};

    std::array<char, 16> magic = expected_magic;
    std::uint64_t faults = 0;  ///< 1: faults in place of calls
    std::uint64_t rounds = 1;
};

}  // namespace kos::bench

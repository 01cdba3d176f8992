// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the driver asks the contract program for. The program holds one in its data segment; the
// driver finds it by its magic in the ELF file and fills it in, the same for both kernels.
#pragma once

#include <array>
#include <cstdint>

namespace kos::contract {

struct Parameters {
    static constexpr std::array<char, 16> expected_magic{"kos contract v1"};

    std::array<char, 16> magic = expected_magic;
    std::uint64_t first_seed = 1;
    std::uint64_t traces = 1;   ///< their seeds follow each other; 0: the traces made by hand
    std::uint64_t steps = 1;    ///< of each trace
    std::uint64_t listing = 0;  ///< 1: every step's line, else a hash for each trace
    /// 1: bit 8 of an SPSR is not compared: release kernels mask asynchronous aborts there, debug
    /// kernels and the simulated one do not.
    std::uint64_t ignores_serror = 0;
};

}  // namespace kos::contract

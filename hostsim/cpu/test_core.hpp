// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// For tests: a core of either kind that runs a few instructions.
#pragma once

#include "hostsim/cpu/core.hpp"
#include "hostsim/cpu/test_space.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>

namespace kos::sim::testing {

/// Both kinds of core show the same behaviour.
class CoreTest : public ::testing::TestWithParam<FaultingAccess> {
   protected:
    Trap run(std::initializer_list<std::uint32_t> words, std::uint64_t budget = 1000) {
        space.write_code(words);
        registers.pc = code.value();
        return space.run(registers, budget);
    }

    PhysicalMemory memory = make_memory();
    TestSpace space{memory, GetParam()};
    Registers registers;
};

}  // namespace kos::sim::testing

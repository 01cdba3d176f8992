// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/vcpu/registers.hpp"

#include <gtest/gtest.h>

namespace kos::vmm {
namespace {

TEST(RegistersTest, EveryRegisterHasItsOwnPlace) {
    sel4::UserContext context{};
    for (unsigned i = 0; i < 31; ++i) set_general_register(context, i, 100 + i);
    for (unsigned i = 0; i < 31; ++i) EXPECT_EQ(general_register(context, i), 100 + i);
    EXPECT_EQ(context.x9, 109u);
    EXPECT_EQ(context.x29, 129u);
    EXPECT_EQ(context.pc, 0u);
    EXPECT_EQ(context.tpidr_el0, 0u);
}

TEST(RegistersTest, TheZeroRegisterReadsAsZeroAndTakesNothing) {
    sel4::UserContext context{};
    set_general_register(context, 31, 1);
    EXPECT_EQ(general_register(context, 31), 0u);
    EXPECT_EQ(context.x30, 0u);
}

TEST(RegistersTest, AProcessorStartsAsTheBootProtocolSays) {
    const sel4::UserContext context = start_context(0x40200000, 0x48000000);
    EXPECT_EQ(context.pc, 0x40200000u);
    EXPECT_EQ(context.x0, 0x48000000u);
    EXPECT_EQ(context.x1 | context.x2 | context.x3, 0u);
    EXPECT_EQ(context.spsr, 0x3c5u);
}

}  // namespace
}  // namespace kos::vmm

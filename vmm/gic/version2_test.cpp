// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/gic/version2.hpp"

#include "vmm/gic/fake_injector.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace kos::vmm {
namespace {

struct GicV2Test : testing::Test {
    FakeInjector injector;
    Interrupts interrupts{injector};
    GicV2 gic{interrupts};
};

TEST_F(GicV2Test, ItSaysWhatItIs) {
    EXPECT_EQ(gic.read(0x004, 4), 1u);  // 64 interrupts, one processor
    EXPECT_EQ(gic.read(0xfe8, 4), 0x2bu);
    EXPECT_EQ(gic.read(0x800, 4), 0x01010101u);  // private interrupts are processor 0's
}

TEST_F(GicV2Test, AnEnabledInterruptReachesTheGuest) {
    gic.write(0x41b, 1, 0x80);      // priority of 27
    gic.write(0x100, 4, 1u << 27);  // enable 27
    interrupts.pend(27);
    EXPECT_TRUE(injector.take().empty()) << "the distributor is off";
    gic.write(0x000, 4, 1);
    EXPECT_EQ(injector.take(), (std::vector<FakeInjector::Injected>{{0, 27, 16}}));
}

TEST_F(GicV2Test, BitsAreSetAndClearedByTheirOwnRegisters) {
    gic.write(0x104, 4, 0xf0);
    EXPECT_EQ(gic.read(0x104, 4), 0xf0u);
    EXPECT_EQ(gic.read(0x184, 4), 0xf0u);
    gic.write(0x184, 4, 0x30);
    EXPECT_EQ(gic.read(0x104, 4), 0xc0u);
    gic.write(0x204, 4, 3);
    EXPECT_EQ(gic.read(0x284, 4), 3u);
    gic.write(0x284, 4, 1);
    EXPECT_EQ(gic.read(0x204, 4), 2u);
    gic.write(0xc08, 4, 0xaa);
    EXPECT_EQ(gic.read(0xc08, 4), 0xaau);
    gic.write(0x424, 4, 0x80a0c0e0);
    EXPECT_EQ(gic.read(0x425, 1), 0xc0u);
}

TEST_F(GicV2Test, SoftwareInterruptsReachTheirSender) {
    gic.write(0x000, 4, 1);
    gic.write(0x100, 4, 0xffff);
    gic.write(0xf00, 4, 2u << 24 | 3);  // to self
    gic.write(0xf00, 4, 1u << 16 | 4);  // to processor 0
    gic.write(0xf00, 4, 1u << 24 | 5);  // to all others
    gic.write(0xf00, 4, 2u << 16 | 6);  // to processor 1
    gic.write(0xf24, 1, 1);             // set pending: 4, which is in a list register
    ASSERT_EQ(injector.injected.size(), 2u);
    EXPECT_EQ(injector.injected[0].interrupt, 3u);
    EXPECT_EQ(injector.injected[1].interrupt, 4u);
    EXPECT_EQ(gic.read(0xf24, 1), 1u);
    gic.write(0xf14, 1, 1);
    EXPECT_EQ(gic.read(0xf24, 1), 0u);
}

TEST_F(GicV2Test, AfterAResetNothingIsEnabled) {
    gic.write(0x000, 4, 1);
    gic.write(0x100, 4, 1u << 27);
    gic.reset();
    interrupts.pend(27);
    EXPECT_TRUE(injector.take().empty());
    EXPECT_EQ(gic.read(0x000, 4), 0u);
}

RC_GTEST_PROP(GicV2Property, AnyAccessIsServed,
              (const std::vector<std::pair<std::uint16_t, std::uint64_t>>& accesses)) {
    FakeInjector injector;
    Interrupts interrupts{injector};
    GicV2 gic{interrupts};
    for (const auto& [where, value] : accesses) {
        const unsigned size = 1u << (where >> 14);
        const std::uint64_t offset = where & 0xfff;
        gic.write(offset, size, value);
        const std::uint64_t read = gic.read(offset, size);
        RC_ASSERT(read <= ~std::uint64_t{0} >> (64 - 8 * size));
    }
}

}  // namespace
}  // namespace kos::vmm

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/gic/version3.hpp"

#include "vmm/gic/fake_injector.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace kos::vmm {
namespace {

constexpr std::uint64_t sgi_frame = 0x1'0000;

struct GicV3Test : testing::Test {
    FakeInjector injector;
    Interrupts interrupts{injector};
    GicV3 gic{interrupts};
};

TEST_F(GicV3Test, ItSaysWhatItIs) {
    EXPECT_EQ(gic.read_distributor(0x0004, 4), 1u | 9u << 19);
    EXPECT_EQ(gic.read_distributor(0xffe8, 4), 0x3bu);
    EXPECT_EQ(gic.read_redistributor(0xffe8, 4), 0x3bu);
    EXPECT_EQ(gic.read_redistributor(0x0008, 8), 0x10u);
    EXPECT_EQ(gic.read_redistributor(0x000c, 4), 0u);
    EXPECT_EQ(gic.read_distributor(0x0000, 4), 0x50u);
}

TEST_F(GicV3Test, TheRedistributorWakes) {
    EXPECT_EQ(gic.read_redistributor(0x14, 4), 6u);
    gic.write_redistributor(0x14, 4, 0);
    EXPECT_EQ(gic.read_redistributor(0x14, 4), 0u);
}

TEST_F(GicV3Test, PrivateInterruptsAreTheRedistributorsSharedOnesTheDistributors) {
    gic.write_distributor(0x0000, 4, 2);
    gic.write_distributor(0x0100, 4, ~0u);  // not its own
    gic.write_redistributor(sgi_frame + 0x104, 4, ~0u);
    EXPECT_EQ(gic.read_distributor(0x0100, 4), 0u);
    EXPECT_EQ(gic.read_distributor(0x0104, 4), 0u);
    gic.write_redistributor(sgi_frame + 0x100, 4, 1u << 27);
    gic.write_redistributor(sgi_frame + 0x41b, 1, 0xa0);
    gic.write_distributor(0x0104, 4, 1u << 8);
    interrupts.pend(27);
    interrupts.set_level(40, true);
    interrupts.pend(41);
    EXPECT_EQ(injector.take(), (std::vector<FakeInjector::Injected>{{0, 27, 20}, {1, 40, 0}}));
}

TEST_F(GicV3Test, SoftwareInterruptsReachTheirSender) {
    gic.write_distributor(0x0000, 4, 2);
    gic.write_redistributor(sgi_frame + 0x100, 4, 0xffff);
    gic.send_software_interrupt(std::uint64_t{3} << 24 | 1);
    gic.send_software_interrupt(std::uint64_t{4} << 24 | 2);  // processor 1
    gic.send_software_interrupt(std::uint64_t{1} << 40 | std::uint64_t{5} << 24 | 1);  // all others
    gic.send_software_interrupt(std::uint64_t{1} << 16 | std::uint64_t{6} << 24 | 1);  // 0.0.1.0
    ASSERT_EQ(injector.injected.size(), 1u);
    EXPECT_EQ(injector.injected[0].interrupt, 3u);
}

RC_GTEST_PROP(GicV3Property, AnyAccessIsServed,
              (const std::vector<std::pair<std::uint32_t, std::uint64_t>>& accesses)) {
    FakeInjector injector;
    Interrupts interrupts{injector};
    GicV3 gic{interrupts};
    for (const auto& [where, value] : accesses) {
        const unsigned size = 1u << (where >> 30);
        gic.write_distributor(where % GicV3::distributor_size, size, value);
        (void)gic.read_distributor(where % GicV3::distributor_size, size);
        gic.write_redistributor(where % GicV3::redistributor_size, size, value);
        (void)gic.read_redistributor(where % GicV3::redistributor_size, size);
        gic.send_software_interrupt(value);
    }
}

}  // namespace
}  // namespace kos::vmm

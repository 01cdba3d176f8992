// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/boot/device_tree.hpp"

#include "rootserver/testing/device_tree_builder.hpp"

#include <gtest/gtest.h>

namespace kos::rootserver {
namespace {

using testing::DeviceTreeBuilder;

std::string board() {
    return DeviceTreeBuilder{}
        .begin("")
        .cells("#address-cells", {2})
        .nop()
        .begin("cpus")
        .begin("chosen")  // not the one: it is no child of the root
        .property("rng-seed", "wrong")
        .end()
        .end()
        .begin("pl011@9000000")
        .cells("reg", {0, 0x0900'0000, 0, 0x1000})
        .property("compatible", std::string_view{"arm,pl011\0arm,primecell", 24})
        .cells("interrupts", {0, 1, 4})
        .end()
        .begin("timer")
        .property("compatible", "arm,armv8-timer")
        .cells("interrupts", {1, 13, 8, 1, 14, 8})
        .end()
        .begin("strange")
        .property("compatible", "strange")
        .cells("interrupts", {2, 1, 4})
        .end()
        .begin("chosen")
        .property("rng-seed", "seed")
        .cells("linux,initrd-start", {0x4800'0000})
        .cells("linux,initrd-end", {1, 0x4900'0000})
        .end()
        .end()
        .build();
}

TEST(DeviceTreeTest, APropertyOfTheRootsChildIsFound) {
    const std::string blob = board();
    const auto tree = DeviceTree::create(as_bytes(blob));
    ASSERT_TRUE(tree);
    const auto seed = tree->property("chosen", "rng-seed");
    ASSERT_TRUE(seed);
    EXPECT_EQ(as_text(*seed), "seed");
    EXPECT_FALSE(tree->property("chosen", "rng"));
    EXPECT_FALSE(tree->property("cpu", "rng-seed"));
}

TEST(DeviceTreeTest, NumbersHaveOneOrTwoCells) {
    const std::string blob = board();
    const auto tree = DeviceTree::create(as_bytes(blob));
    ASSERT_TRUE(tree);
    EXPECT_EQ(cells_as_number(*tree->property("chosen", "linux,initrd-start")), 0x4800'0000u);
    EXPECT_EQ(cells_as_number(*tree->property("chosen", "linux,initrd-end")), 0x1'4900'0000u);
    EXPECT_FALSE(cells_as_number(*tree->property("pl011", "reg")));
}

TEST(DeviceTreeTest, RegistersAreFoundByAnyOfTheCompatibleNames) {
    const std::string blob = board();
    const auto tree = DeviceTree::create(as_bytes(blob));
    ASSERT_TRUE(tree);
    EXPECT_EQ(tree->registers_of("arm,pl011"), PhysicalAddress{0x0900'0000});
    EXPECT_EQ(tree->registers_of("arm,primecell"), PhysicalAddress{0x0900'0000});
    EXPECT_FALSE(tree->registers_of("arm,pl01"));
}

TEST(DeviceTreeTest, InterruptsAreNumberedAsTheControllerDoes) {
    const std::string blob = board();
    const auto tree = DeviceTree::create(as_bytes(blob));
    ASSERT_TRUE(tree);
    EXPECT_EQ(tree->interrupt_of("arm,pl011"), 33u);
    EXPECT_EQ(tree->interrupt_of("arm,armv8-timer"), 29u);
    EXPECT_FALSE(tree->interrupt_of("strange"));
    EXPECT_FALSE(tree->interrupt_of("missing"));
}

TEST(DeviceTreeTest, WhatIsNoDeviceTreeIsRefused) {
    std::string blob = board();
    EXPECT_EQ(DeviceTree::create({}).error(), DeviceTreeError::Truncated);
    EXPECT_EQ(DeviceTree::create(as_bytes(blob).first(blob.size() - 1)).error(),
              DeviceTreeError::Truncated);
    std::string other = blob;
    other[0] = 0;
    EXPECT_EQ(DeviceTree::create(as_bytes(other)).error(), DeviceTreeError::Magic);
    other = blob;
    other[27] = 18;
    EXPECT_EQ(DeviceTree::create(as_bytes(other)).error(), DeviceTreeError::Version);
    other = blob;
    other[32] = '\x7f';
    EXPECT_EQ(DeviceTree::create(as_bytes(other)).error(), DeviceTreeError::Blocks);
}

TEST(DeviceTreeTest, APropertyThatLeavesTheBlockEndsTheWalk) {
    std::string blob = DeviceTreeBuilder{}
                           .begin("")
                           .begin("chosen")
                           .property("rng-seed", "seed")
                           .end()
                           .end()
                           .build();
    // The property's length lies behind two node heads (8 and 12 bytes) and the token.
    blob[40 + 8 + 12 + 4] = '\x7f';
    const auto tree = DeviceTree::create(as_bytes(blob));
    ASSERT_TRUE(tree);
    EXPECT_FALSE(tree->property("chosen", "rng-seed"));
}

}  // namespace
}  // namespace kos::rootserver

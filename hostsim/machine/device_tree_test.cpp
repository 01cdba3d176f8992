// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/machine/device_tree.hpp"

#include "hostsim/machine/memory_map.hpp"
#include "lib/base/bytes.hpp"

#include <gtest/gtest.h>
#include <libfdt.h>

namespace kos::sim {

namespace {

DeviceTreeContents contents() {
    DeviceTreeContents contents{
        .memory_size = 64u << 20,
        .system_image = PhysicalRange{PhysicalAddress{0x4800'0000}, PhysicalAddress{0x4812'3000}},
        .seed = {},
        .boot_time = 0x1'2345'6789,
        .kernel_abi = sel4::default_abi()};
    contents.seed.fill(7);
    return contents;
}

/// A property's bytes; empty where there is none.
Bytes property(const std::vector<std::byte>& tree, const char* path, const char* name) {
    const int node = fdt_path_offset(tree.data(), path);
    int length = 0;
    const void* value = node < 0 ? nullptr : fdt_getprop(tree.data(), node, name, &length);
    if (value == nullptr) return {};
    return {static_cast<const std::byte*>(value), static_cast<std::size_t>(length)};
}

std::uint64_t number(const std::vector<std::byte>& tree, const char* path, const char* name,
                     std::size_t index = 0) {
    const auto value = read_at<fdt64_t>(property(tree, path, name), 8 * index);
    return value ? fdt64_to_cpu(*value) : 0;
}

TEST(DeviceTreeTest, IsWellFormed) {
    const auto tree = make_device_tree(contents());
    EXPECT_EQ(fdt_check_full(tree.data(), tree.size()), 0);
    EXPECT_LT(tree.size(), 4096u - 4u);  // costs one page of boot information
}

TEST(DeviceTreeTest, ChosenSaysWhatTheBootShimSays) {
    const auto tree = make_device_tree(contents());
    EXPECT_EQ(number(tree, "/chosen", "linux,initrd-start"), 0x4800'0000u);
    EXPECT_EQ(number(tree, "/chosen", "linux,initrd-end"), 0x4812'3000u);
    EXPECT_EQ(number(tree, "/chosen", "kos,boot-time"), 0x1'2345'6789u);
    EXPECT_EQ(as_text(property(tree, "/chosen", "rng-seed")), std::string(32, '\7'));
    EXPECT_TRUE(sel4::parse_abi(property(tree, "/chosen", "kos,kernel-abi")));
}

TEST(DeviceTreeTest, StandardOutputIsThePl011) {
    const auto tree = make_device_tree(contents());
    const Bytes path = property(tree, "/chosen", "stdout-path");
    ASSERT_FALSE(path.empty());
    const std::string text{as_text(path.first(path.size() - 1))};
    EXPECT_EQ(number(tree, text.c_str(), "reg"), memory_map::uart.value());
    EXPECT_EQ(fdt_node_check_compatible(tree.data(), fdt_path_offset(tree.data(), text.c_str()),
                                        "arm,pl011"),
              0);
}

TEST(DeviceTreeTest, WithoutASystemImageItNamesNone) {
    auto without = contents();
    without.system_image.reset();
    EXPECT_TRUE(property(make_device_tree(without), "/chosen", "linux,initrd-start").empty());
}

}  // namespace

}  // namespace kos::sim

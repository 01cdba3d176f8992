// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/boot/boot_parameters.hpp"

#include "lib/sel4/bootinfo.hpp"
#include "rootserver/testing/device_tree_builder.hpp"

#include <gtest/gtest.h>

namespace kos::rootserver {
namespace {

using testing::DeviceTreeBuilder;

std::string chunk(sel4::Word id, std::string_view body) {
    const sel4::BootInfoChunk head{id, sizeof(sel4::BootInfoChunk) + body.size()};
    return std::string{as_text(bytes_of(head))} + std::string{body};
}

DeviceTreeBuilder chosen() {
    DeviceTreeBuilder tree;
    tree.begin("").begin("chosen");
    return tree;
}

std::string tree_chunk(DeviceTreeBuilder& tree) {
    return chunk(sel4::chunk_device_tree, tree.end().end().build());
}

TEST(BootParametersTest, TheDeviceTreeIsFoundBehindOtherChunks) {
    DeviceTreeBuilder tree = chosen();
    tree.cells("linux,initrd-start", {0x4800'0000}).cells("linux,initrd-end", {0x4810'0000});
    tree.property("rng-seed", "0123456789abcdef0123456789abcdef!");
    tree.cells("kos,boot-time", {0, 1'700'000'000});
    tree.cells("kos,shim-entered", {1, 2});
    tree.cells("kos,trace", {0, 1});
    const std::string extra = chunk(sel4::chunk_padding, "12345678") + tree_chunk(tree);

    const auto parameters = read_boot_parameters(as_bytes(extra));
    ASSERT_TRUE(parameters);
    EXPECT_EQ(parameters->image, PhysicalAddress{0x4800'0000});
    EXPECT_EQ(parameters->image_size, 0x10'0000u);
    EXPECT_EQ(parameters->boot_time, 1'700'000'000u);
    EXPECT_TRUE(parameters->trace);
    EXPECT_EQ(parameters->shim_entered, 0x1'0000'0002u);
    EXPECT_FALSE(parameters->kernel_entered);
    EXPECT_TRUE(parameters->has_seed);
    EXPECT_EQ(parameters->seed[31], 'f');
    EXPECT_FALSE(parameters->console);
    EXPECT_EQ(parameters->kernel_abi.label(sel4::Invocation::PageMap),
              sel4::default_abi().label(sel4::Invocation::PageMap));
}

TEST(BootParametersTest, TheKernelsNumbersReplaceTheDefault) {
    sel4::KernelAbi abi = sel4::default_abi();
    abi.invocation_labels[static_cast<std::size_t>(sel4::Invocation::PageMap)] = 77;
    DeviceTreeBuilder tree = chosen();
    tree.cells("linux,initrd-start", {1}).cells("linux,initrd-end", {2});
    tree.property("kos,kernel-abi", as_text(bytes_of(abi)));
    const auto parameters = read_boot_parameters(as_bytes(tree_chunk(tree)));
    ASSERT_TRUE(parameters);
    EXPECT_EQ(parameters->kernel_abi.label(sel4::Invocation::PageMap), 77u);
    EXPECT_FALSE(parameters->trace);
}

TEST(BootParametersTest, WhatIsMissingIsNamed) {
    EXPECT_EQ(read_boot_parameters({}).error(), BootError::NoDeviceTree);
    const std::string looping = chunk(sel4::chunk_padding, "").substr(0, 8) + std::string(8, '\0');
    EXPECT_EQ(read_boot_parameters(as_bytes(looping)).error(), BootError::NoDeviceTree);

    DeviceTreeBuilder no_image = chosen();
    EXPECT_EQ(read_boot_parameters(as_bytes(tree_chunk(no_image))).error(), BootError::Image);

    DeviceTreeBuilder backwards = chosen();
    backwards.cells("linux,initrd-start", {2}).cells("linux,initrd-end", {2});
    EXPECT_EQ(read_boot_parameters(as_bytes(tree_chunk(backwards))).error(), BootError::Image);

    DeviceTreeBuilder other_abi = chosen();
    other_abi.property("kos,kernel-abi", "an older record");
    EXPECT_EQ(read_boot_parameters(as_bytes(tree_chunk(other_abi))).error(), BootError::KernelAbi);
}

}  // namespace
}  // namespace kos::rootserver

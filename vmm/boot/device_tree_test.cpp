// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/boot/device_tree.hpp"

#include <gtest/gtest.h>
#include <libfdt.h>

#include <string>
#include <vector>

namespace kos::vmm {
namespace {

struct DeviceTreeTest : testing::Test {
    DeviceTreeTest() {
        guest.memory = {GuestAddress{0x40000000}, 0x10000000};
        guest.distributor = {GuestAddress{0x8000000}, 0x1000};
        guest.processor_interface = {GuestAddress{0x8010000}, 0x1000};
        guest.devices = devices;
        guest.initrd = {GuestAddress{0x48000000}, 0x1234};
        guest.command_line = "console=hvc0 quiet";
        guest.seed = seed;
    }
    void write() {
        const auto size = write_device_tree(guest, tree);
        ASSERT_TRUE(size);
        ASSERT_EQ(fdt_check_full(tree.data(), *size), 0);
    }
    int node(const char* path) {
        const int offset = fdt_path_offset(tree.data(), path);
        EXPECT_GE(offset, 0) << path;
        return offset;
    }
    std::string text(const char* path, const char* name) {
        int length = 0;
        const void* value = fdt_getprop(tree.data(), node(path), name, &length);
        return value == nullptr ? "none" : static_cast<const char*>(value);
    }
    std::vector<std::uint32_t> cells(const char* path, const char* name) {
        int length = 0;
        const void* value = fdt_getprop(tree.data(), node(path), name, &length);
        std::vector<std::uint32_t> list;
        for (int i = 0; i < length / 4; ++i) {
            list.push_back(fdt32_ld(static_cast<const fdt32_t*>(value) + i));
        }
        return list;
    }
    std::vector<VirtioNode> devices{{GuestAddress{0xa000000}, 0}, {GuestAddress{0xa001000}, 1}};
    std::vector<std::byte> seed = std::vector<std::byte>(32, std::byte{7});
    GuestDescription guest;
    std::vector<std::byte> tree = std::vector<std::byte>(8192);
};

using Cells = std::vector<std::uint32_t>;

TEST_F(DeviceTreeTest, LinuxFindsWhatItIsGiven) {
    write();
    EXPECT_EQ(text("/chosen", "bootargs"), "console=hvc0 quiet");
    EXPECT_EQ(cells("/chosen", "linux,initrd-start"), (Cells{0, 0x48000000}));
    EXPECT_EQ(cells("/chosen", "linux,initrd-end"), (Cells{0, 0x48001234}));
    EXPECT_EQ(cells("/chosen", "rng-seed").size(), 6u);
    EXPECT_EQ(cells("/memory@40000000", "reg"), (Cells{0, 0x40000000, 0, 0x10000000}));
    EXPECT_EQ(text("/cpus/cpu@0", "enable-method"), "psci");
    EXPECT_EQ(text("/psci", "method"), "smc");
    EXPECT_EQ(cells("/timer", "interrupts").size(), 12u);
    EXPECT_EQ(cells("/virtio_mmio@a001000", "reg"), (Cells{0, 0xa001000, 0, 0x1000}));
    EXPECT_EQ(cells("/virtio_mmio@a001000", "interrupts"), (Cells{0, 1, 4}));
    EXPECT_LT(fdt_path_offset(tree.data(), "/early-console"), 0);
}

TEST_F(DeviceTreeTest, TheInterruptControllerIsOfItsVersion) {
    write();
    EXPECT_EQ(text("/interrupt-controller@8000000", "compatible"), "arm,cortex-a15-gic");
    EXPECT_EQ(cells("/timer", "interrupts")[2], 0x108u);
    guest.gic = GicVersion::V3;
    guest.processor_interface = {GuestAddress{0x80a0000}, 0x20000};
    write();
    EXPECT_EQ(text("/interrupt-controller@8000000", "compatible"), "arm,gic-v3");
    EXPECT_EQ(cells("/interrupt-controller@8000000", "reg")[5], 0x80a0000u);
    EXPECT_EQ(cells("/timer", "interrupts")[2], 8u);
}

TEST_F(DeviceTreeTest, WhatThereIsNotIsNotDescribed) {
    guest.initrd.size = 0;
    guest.seed = {};
    guest.early_console = {GuestAddress{0x9000000}, 0x1000};
    guest.processors = 2;
    write();
    EXPECT_TRUE(cells("/chosen", "linux,initrd-start").empty());
    EXPECT_TRUE(cells("/chosen", "rng-seed").empty());
    EXPECT_EQ(text("/chosen", "stdout-path"), "/early-console");
    EXPECT_EQ(cells("/cpus/cpu@1", "reg"), Cells{1});
}

TEST_F(DeviceTreeTest, ATreeThatDoesNotFitIsAnError) {
    for (std::size_t size = 0; size < 1200; size += 7) {
        tree.resize(size);
        EXPECT_FALSE(write_device_tree(guest, tree)) << size;
    }
}

}  // namespace
}  // namespace kos::vmm

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/boot/load.hpp"

#include <gtest/gtest.h>
#include <libfdt.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace kos::vmm {
namespace {

constexpr GuestAddress ram{0x40000000};
constexpr std::uint64_t ram_size = 4 << 20;

struct LoadTest : testing::Test {
    LoadTest() {
        KernelHeader header;
        header.magic = KernelHeader::expected_magic;
        header.image_size = std::uint64_t{1 << 20};
        kernel.resize(5000, std::byte{0x4b});
        std::memcpy(kernel.data(), &header, sizeof header);
        guest.memory = {ram, ram_size};
        must(memory.add(ram, {host.get(), ram_size}), "the memory is empty");
    }
    struct Free {
        void operator()(std::byte* bytes) const { std::free(bytes); }
    };
    std::unique_ptr<std::byte, Free> host{
        static_cast<std::byte*>(std::aligned_alloc(page_size, ram_size))};
    GuestMemory memory;
    GuestDescription guest;
    std::vector<std::byte> kernel;
};

TEST_F(LoadTest, KernelInitrdAndTreeLieInMemory) {
    const std::string initrd(3000, 'i');
    const auto loaded = load_guest(memory, kernel, as_bytes(initrd), guest);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->entry, ram);
    EXPECT_EQ(std::memcmp(host.get(), kernel.data(), kernel.size()), 0);
    EXPECT_EQ(std::memcmp(host.get() + (1 << 20), initrd.data(), initrd.size()), 0);
    const auto offset = static_cast<std::size_t>(loaded->device_tree - ram);
    EXPECT_EQ(fdt_check_header(host.get() + offset), 0);
    EXPECT_EQ(loaded->device_tree.value() % 8, 0u);
    const void* tree = host.get() + offset;
    const void* end =
        fdt_getprop(tree, fdt_path_offset(tree, "/chosen"), "linux,initrd-end", nullptr);
    EXPECT_EQ(fdt64_ld(static_cast<const fdt64_t*>(end)), (ram + (1 << 20) + 3000).value());
}

TEST_F(LoadTest, WhatDoesNotFitIsSaid) {
    const std::vector<std::byte> initrd(3 << 20);
    EXPECT_EQ(load_guest(memory, kernel, initrd, guest).error().error, LoadError::Memory);
    const std::string line(70000, 'x');
    guest.command_line = line;
    EXPECT_EQ(load_guest(memory, kernel, {}, guest).error().error, LoadError::Tree);
    const LoadFailure failure = load_guest(memory, {}, {}, guest).error();
    EXPECT_EQ(failure.error, LoadError::Kernel);
    EXPECT_EQ(failure.text(), describe(KernelError::Truncated));
}

TEST_F(LoadTest, MemoryThatIsNotThereIsNotWritten) {
    guest.memory.size = 2 * ram_size;
    EXPECT_EQ(load_guest(memory, kernel, {}, guest).error().error, LoadError::Memory);
}

}  // namespace
}  // namespace kos::vmm

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/boot_memory.hpp"
#include "hostsim/kernel/test_machine.hpp"

namespace kos::sim {
namespace {

using BootKernelTest = TestMachine;

TEST_F(BootKernelTest, FixedSlotsHoldTheInitialCapabilities) {
    EXPECT_EQ(slot_at(1).cap.kind, CapKind::Thread);
    EXPECT_EQ(slot_at(2).cap.kind, CapKind::CNode);
    EXPECT_EQ(slot_at(3).cap.kind, CapKind::VSpace);
    EXPECT_EQ(slot_at(4).cap.kind, CapKind::IrqControl);
    EXPECT_EQ(slot_at(5).cap.kind, CapKind::AsidControl);
    EXPECT_EQ(slot_at(6).cap.kind, CapKind::AsidPool);
    EXPECT_EQ(slot_at(9).cap.kind, CapKind::Frame);
    EXPECT_EQ(slot_at(10).cap.kind, CapKind::Frame);
    EXPECT_EQ(slot_at(11).cap.kind, CapKind::Domain);
    EXPECT_EQ(slot_at(14).cap.kind, CapKind::SchedContext);
    EXPECT_TRUE(slot_at(0).cap.is_null());
    EXPECT_TRUE(slot_at(boot_info.empty.start).cap.is_null());
}

TEST_F(BootKernelTest, TheInitialThreadStartsWithBootInformationInX0) {
    EXPECT_EQ(initial().registers.pc, 0x40'0000u);
    EXPECT_EQ(initial().registers.x[0], task.boot_info.value());
    EXPECT_EQ(task.ipc_buffer, VirtualAddress{0x40'1000});
    EXPECT_EQ(task.boot_info, VirtualAddress{0x40'2000});
    EXPECT_EQ(initial().priority, 255);
}

TEST_F(BootKernelTest, UntypedsAndTheInitialThreadsObjectsCoverAllNormalMemory) {
    std::uint64_t normal = 0;
    std::uint64_t device = 0;
    for (Word i = 0; i < boot_info.untyped.count(); ++i) {
        const auto& piece = boot_info.untypeds[i];
        (piece.is_device != 0 ? device : normal) += Word{1} << piece.size_bits;
        EXPECT_EQ(piece.physical_address % (Word{1} << piece.size_bits), 0u);
    }
    EXPECT_EQ(device, device_top - (64u << 20));
    // CNode, VSpace, ASID pool, IPC buffer, boot information, two tables, TCB, scheduling context.
    const std::uint64_t objects = (1u << 17) + (1u << 13) + 5 * page_size + (1u << 11) + (1u << 7);
    EXPECT_EQ(normal, (64u << 20) - page_size - objects);
}

TEST(BootMemoryTest, TheUntypedsOfAVirtMachineAreThoseOfTheRealKernel) {
    // Read off seL4 for qemu-arm-virt: its image, the pages of the interrupt controller, a user
    // image of 0x13000 bytes.
    const std::array regions{
        MemoryRegion{PhysicalAddress{0x6000'0000}, 0x2000'0000, MemoryKind::Normal}};
    const std::array devices{
        PhysicalRange{PhysicalAddress{0x800'0000}, PhysicalAddress{0x800'1000}},
        PhysicalRange{PhysicalAddress{0x801'0000}, PhysicalAddress{0x801'1000}},
        PhysicalRange{PhysicalAddress{0x803'0000}, PhysicalAddress{0x803'1000}}};
    BootMemory memory{regions,
                      {.kernel = {PhysicalAddress{0x6000'0000}, PhysicalAddress{0x6024'a000}},
                       .kernel_boot = {PhysicalAddress{0x6000'0000}, PhysicalAddress{0x6001'0000}},
                       .kernel_devices = devices,
                       .user_image = {PhysicalAddress{0x6080'0000}, PhysicalAddress{0x6081'3000}},
                       .user_image_address = VirtualAddress{0x40'0000},
                       .entry = VirtualAddress{0x40'0000},
                       .device_tree = {}}};
    ASSERT_TRUE(memory.take_root_objects({17, 0, 2}).ok());
    std::vector<std::pair<Word, unsigned>> device, normal;
    for (const UntypedPiece& piece : memory.untypeds()) {
        (piece.is_device ? device : normal).emplace_back(piece.address.value(), piece.size_bits);
    }
    const std::vector<std::pair<Word, unsigned>> first_devices{
        {0, 27},          {0x800'1000, 12}, {0x800'2000, 13}, {0x800'4000, 14},
        {0x800'8000, 15}, {0x801'1000, 12}, {0x801'2000, 13}, {0x801'4000, 14},
        {0x801'8000, 15}, {0x802'0000, 16}, {0x803'1000, 12}};
    const std::vector<std::pair<Word, unsigned>> first_normal{
        {0x6000'0000, 16}, {0x6024'a000, 13}, {0x6024'c000, 14}, {0x6025'0000, 16}};
    ASSERT_EQ(device.size() + normal.size(), 0x6eu - 0x26u);
    device.resize(first_devices.size());
    normal.resize(first_normal.size());
    EXPECT_EQ(device, first_devices);
    EXPECT_EQ(normal, first_normal);
}

TEST(BootErrorTest, AnImageOutsideNormalMemoryIsRefused) {
    const std::array regions{
        MemoryRegion{PhysicalAddress{0x6000'0000}, 1u << 20, MemoryKind::Normal}};
    PhysicalMemory memory = must(PhysicalMemory::create(regions), "well formed");
    Kernel kernel{memory};
    EXPECT_EQ(kernel
                  .boot({.kernel = {},
                         .user_image = {PhysicalAddress{0x1000}, PhysicalAddress{0x2000}},
                         .user_image_address = VirtualAddress{0x40'0000},
                         .entry = VirtualAddress{0x40'0000},
                         .device_tree = {}})
                  .error(),
              BootError::UserImage);
}

TEST(BootErrorTest, ARootCNodeTooSmallForTheImageIsRefused) {
    const std::array regions{
        MemoryRegion{PhysicalAddress{0x6000'0000}, 32u << 20, MemoryKind::Normal}};
    PhysicalMemory memory = must(PhysicalMemory::create(regions), "well formed");
    Kernel kernel{memory};
    EXPECT_EQ(kernel
                  .boot({.kernel = {},
                         .user_image = {PhysicalAddress{0x6000'0000}, PhysicalAddress{0x6110'0000}},
                         .user_image_address = VirtualAddress{0x40'0000},
                         .entry = VirtualAddress{0x40'0000},
                         .device_tree = {}})
                  .error(),
              BootError::RootCNode);
}

TEST(BootErrorTest, TheDeviceTreeFollowsInAChunk) {
    const std::array regions{
        MemoryRegion{PhysicalAddress{0x6000'0000}, 16u << 20, MemoryKind::Normal}};
    PhysicalMemory memory = must(PhysicalMemory::create(regions), "well formed");
    Kernel kernel{memory};
    const std::vector<std::byte> tree(5000, std::byte{7});
    const auto task =
        kernel.boot({.kernel = {},
                     .user_image = {PhysicalAddress{0x6000'0000}, PhysicalAddress{0x6000'1000}},
                     .user_image_address = VirtualAddress{0x40'0000},
                     .entry = VirtualAddress{0x40'0000},
                     .device_tree = tree});
    ASSERT_TRUE(task.ok());
    const auto extra = kernel.translate(*vspace_of(*kernel.current()), task->boot_info + page_size);
    ASSERT_TRUE(extra.has_value());
    const auto chunk = read_at<sel4::BootInfoChunk>(memory.bytes(extra->physical, 16), 0);
    EXPECT_EQ(chunk->id, sel4::chunk_device_tree);
    EXPECT_EQ(chunk->length, 5016u);
    EXPECT_EQ(memory.bytes(extra->physical + 5015, 1)[0], std::byte{7});
}

}  // namespace
}  // namespace kos::sim

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "boot/checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace kos::boot {
namespace {

using ::testing::HasSubstr;

std::uint32_t plain_checksum(Bytes bytes) { return crc32(bytes); }

/// A flat image of 0x6000 bytes with a byte pattern, and a table of its parts.
class BootChecksTest : public ::testing::Test {
   protected:
    BootChecksTest() {
        for (std::size_t i = 0; i < flat_.size(); ++i) flat_[i] = static_cast<std::byte>(i * 7);
        table_.flat_size = flat_.size();
        table_.kernel_segment_count = 1;
        table_.kernel_segments[0] = {0x1000, 0x800, 0x1000, 0x6000'0000};
        table_.device_tree_offset = 0x2000;
        table_.device_tree_size = 0x300;
        table_.system_image_offset = 0x3000;
        table_.system_image_size = 0x3000;
        table_.root_server_offset = 0x4000;
        table_.root_server_size = 0x100;
        table_.kernel_crcs[0] = crc32(part(0x1000, 0x800));
        table_.device_tree_crc = crc32(part(0x2000, 0x300));
        table_.root_server_crc = crc32(part(0x4000, 0x100));
        table_.system_image_crc = crc32(part(0x3000, 0x3000));
        table_.kernel_memory[0] = {0x6000'0000, 0x8000'0000};
        table_.uart_address = 0x900'0000;
        table_.uart_kind = 1;
        head_.uart_address = 0x900'0000;
        head_.uart_kind = 1;
        seal();
    }
    void seal() {
        table_.crc = checksum_of(table_);
        head_.crc = checksum_of(head_);
    }
    Bytes part(std::size_t offset, std::size_t size) { return Bytes{flat_}.subspan(offset, size); }
    void damage(std::size_t offset) { flat_[offset] ^= std::byte{1}; }
    std::string damaged_part() {
        const auto problem = check_parts(table_, flat_, plain_checksum);
        return problem ? std::string{problem->what} : "none";
    }

    std::vector<std::byte> flat_ = std::vector<std::byte>(0x6000);
    BootTable table_{};
    ImageHead head_{};
};

TEST_F(BootChecksTest, AnImageWithoutDamageHasNoProblem) {
    EXPECT_FALSE(check_table(head_, table_));
    EXPECT_FALSE(check_parts(table_, flat_, plain_checksum));
}

TEST_F(BootChecksTest, TheDamagedPartIsNamed) {
    damage(0x17ff);
    EXPECT_EQ(damaged_part(), "kernel: checksum");
    damage(0x17ff);
    damage(0x2000);
    EXPECT_EQ(damaged_part(), "device tree: checksum");
    damage(0x2000);
    damage(0x40ff);
    EXPECT_EQ(damaged_part(), "root server: checksum");
    damage(0x40ff);
    damage(0x5fff);
    EXPECT_EQ(damaged_part(), "system image: checksum");
}

TEST_F(BootChecksTest, APartOutsideTheImageIsRefused) {
    table_.system_image_size = 0x3001;
    const auto problem = check_parts(table_, flat_, plain_checksum);
    ASSERT_TRUE(problem);
    EXPECT_EQ(problem->code, ErrorCode::BootTable);
}

TEST_F(BootChecksTest, EveryByteOfHeadAndTableCountsAndTheConsoleIsStillFound) {
    for (std::size_t i = 0; i < sizeof(ImageHead) - 8; ++i) {  // magic and code are the loader's
        ImageHead head = head_;
        reinterpret_cast<std::uint8_t*>(&head)[i] ^= 0x10;
        const auto problem = check_table(head, table_);
        ASSERT_TRUE(problem) << i;
        EXPECT_EQ(problem->code, ErrorCode::BootTable);
        EXPECT_EQ(find_console(head, table_)->address, 0x900'0000u) << i;
    }
    for (std::size_t i = 0; i < sizeof(BootTable); ++i) {
        BootTable table = table_;
        reinterpret_cast<std::uint8_t*>(&table)[i] ^= 0x10;
        const auto problem = check_table(head_, table);
        ASSERT_TRUE(problem) << i;
        EXPECT_EQ(problem->code, ErrorCode::BootTable);
        EXPECT_EQ(find_console(head_, table)->address, 0x900'0000u) << i;
    }
}

TEST_F(BootChecksTest, NoConsoleIsMadeUpWhereHeadAndTableAreDamaged) {
    head_.crc = head_.crc + 1;
    table_.crc = table_.crc + 1;
    EXPECT_FALSE(find_console(head_, table_));
}

TEST_F(BootChecksTest, ATableWithTooManySegmentsIsRefusedThoughItsChecksumIsRight) {
    table_.kernel_segment_count = BootTable::max_kernel_segments + 1;
    seal();
    EXPECT_EQ(check_table(head_, table_)->code, ErrorCode::BootTable);
}

TEST_F(BootChecksTest, AProcessorWithoutThePagesOrAddressesOfTheKernelIsRefused) {
    constexpr std::uint64_t tcr_40_bits = std::uint64_t{2} << 16,
                            tcr_44_bits = std::uint64_t{4} << 16;
    constexpr std::uint64_t cortex_a53 = 0x1122;
    EXPECT_FALSE(check_processor(cortex_a53, tcr_40_bits));
    EXPECT_EQ(check_processor(cortex_a53, tcr_44_bits)->code, ErrorCode::BootProcessor);
    EXPECT_EQ(check_processor(cortex_a53 | 0xfu << 28, tcr_40_bits)->code,
              ErrorCode::BootProcessor);
}

TEST_F(BootChecksTest, RamMayComeInPiecesOfAnyOrder) {
    const std::vector<MemoryRange> ram{{0x3000, 0x4000}, {0x1000, 0x2000}, {0x2000, 0x3000}};
    EXPECT_EQ(first_gap(ram, 0x1800, 0x4000), 0x4000u);
    EXPECT_EQ(first_gap(ram, 0x1800, 0x4001), 0x4000u);
    EXPECT_EQ(first_gap(ram, 0x0800, 0x1800), 0x0800u);
    EXPECT_EQ(first_gap({}, 1, 2), 1u);
}

TEST_F(BootChecksTest, ADeviceTreeWithoutMemoryIsNamed) {
    const auto problem = check_memory(table_, 0x4020'0000, {});
    ASSERT_TRUE(problem);
    EXPECT_EQ(problem->code, ErrorCode::BootDeviceTree);
    EXPECT_THAT(std::string{problem->what}, HasSubstr("no memory"));
}

TEST_F(BootChecksTest, AnImageLargerThanTheRamIsRefusedWithTheAddressThatIsMissing) {
    const std::vector<MemoryRange> ram{{0x4000'0000, 0x4020'3000}, {0x6000'0000, 0x8000'0000}};
    const auto problem = check_memory(table_, 0x4020'0000, ram);
    ASSERT_TRUE(problem);
    EXPECT_EQ(problem->code, ErrorCode::BootMemory);
    EXPECT_EQ(problem->value, 0x4020'3000u);
}

TEST_F(BootChecksTest, RamThatTheKernelTakesForGrantedMustBeThere) {
    const std::vector<MemoryRange> all{{0x4000'0000, 0x8000'0000}};
    EXPECT_FALSE(check_memory(table_, 0x4020'0000, all));
    const std::vector<MemoryRange> half{{0x4000'0000, 0x6000'0000}};
    const auto problem = check_memory(table_, 0x4020'0000, half);
    ASSERT_TRUE(problem);
    EXPECT_EQ(problem->code, ErrorCode::BootMemory);
    EXPECT_EQ(problem->value, 0x6000'0000u);
}

}  // namespace
}  // namespace kos::boot

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/boot/flat_image.hpp"

#include "boards/registry.hpp"
#include "boot/table.hpp"
#include "lib/base/crc32.hpp"
#include "loader/elf/format.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace kos::boot_image {
namespace {

namespace format = elf::format;

/// An ELF file with one segment.
std::vector<std::byte> elf_file(std::uint64_t virtual_address, std::uint64_t physical_address,
                                std::uint64_t file_size, std::uint64_t memory_size) {
    format::FileHeader header{};
    std::ranges::copy(format::magic, header.ident.begin());
    header.machine = format::em_aarch64;
    header.entry = virtual_address;
    header.phoff = sizeof(header);
    header.phnum = 1;
    format::ProgramHeader segment{};
    segment.type = format::pt_load;
    segment.offset = 0x100;
    segment.vaddr = virtual_address;
    segment.paddr = physical_address;
    segment.filesz = file_size;
    segment.memsz = memory_size;
    std::vector<std::byte> file(0x100 + file_size, std::byte{0x5a});
    std::memcpy(file.data(), &header, sizeof(header));
    std::memcpy(file.data() + sizeof(header), &segment, sizeof(segment));
    return file;
}

class FlatImageTest : public ::testing::Test {
   protected:
    FlatImageTest() {
        install_.config = kernel::Config::parse(R"({"ARM_PA_SIZE_BITS_40": true})", "test").value();
        install_.kernel_elf = "kernel.elf";
        install_.memory = {{0x6000'0000, 0x8000'0000}};
        install_.abi = sel4::default_abi();
    }

    Outcome<std::vector<std::byte>> write() {
        return write_flat_image(
            {boards::qemu_virt_aarch64, install_, shim_, kernel_, system_image_});
    }
    static boot::BootTable table_of(Bytes image) {
        const auto head = read_at<boot::ImageHead>(image, 0);
        return *read_at<boot::BootTable>(image, head->boot_table);
    }

    kernel::Install install_;
    std::vector<std::byte> shim_ = elf_file(0, 0, 0x200, 0x3000);
    std::vector<std::byte> kernel_ = elf_file(0xff'c000'0000, 0x6000'0000, 0x400, 0x2'0000);
    std::vector<std::byte> system_image_ = std::vector<std::byte>(0x5000, std::byte{0x77});
};

TEST_F(FlatImageTest, TheBootTableSaysWhereEverythingIs) {
    const auto image = write();
    ASSERT_TRUE(image.ok()) << to_string(image.error());
    const boot::BootTable table = table_of(*image);
    EXPECT_EQ(table.magic, boot::BootTable::expected_magic);
    EXPECT_EQ(table.flat_size, image->size());
    EXPECT_EQ(table.kernel_entry, 0xff'c000'0000u);
    EXPECT_EQ(table.kernel_end, 0x6002'0000u);
    EXPECT_EQ(table.kernel_memory_end, 0x8000'0000u);
    EXPECT_EQ(table.system_image_offset % large_page_size, 0u);
    const Bytes bytes{*image};
    EXPECT_EQ(bytes[table.system_image_offset], std::byte{0x77});
    EXPECT_EQ(bytes[table.kernel_segments[0].offset], std::byte{0x5a});
    EXPECT_EQ(table.normal_memory[0], 1u << 1) << "the gigabyte at 0x40000000 is RAM";
}

TEST_F(FlatImageTest, TheTableIsProtectedByItsChecksum) {
    const auto image = write();
    const boot::BootTable table = table_of(*image);
    EXPECT_EQ(crc32(bytes_of(table).subspan(offsetof(boot::BootTable, flat_size))), table.crc);
}

TEST_F(FlatImageTest, TheSamePartsGiveTheSameBytes) { EXPECT_EQ(*write(), *write()); }

TEST_F(FlatImageTest, ProgramsAreToldOfACounterThatTraps) {
    EXPECT_EQ(table_of(*write()).abi.flags & sel4::KernelAbi::flag_virtual_counter,
              sel4::KernelAbi::flag_virtual_counter);
}

TEST_F(FlatImageTest, AnImageThatTheBoardCannotHoldIsRefusedWithNumbers) {
    system_image_.resize(std::size_t{600} << 20);
    const auto image = write();
    ASSERT_FALSE(image.ok());
    EXPECT_EQ(image.error().code, ErrorCode::ImageTooLarge);
    EXPECT_THAT(image.error().detail, ::testing::HasSubstr("room for 534773760"));
}

TEST_F(FlatImageTest, AFileThatIsNoKernelIsRefusedByName) {
    kernel_.assign(64, std::byte{0});
    const auto image = write();
    ASSERT_FALSE(image.ok());
    EXPECT_EQ(image.error().code, ErrorCode::ElfInvalid);
    EXPECT_EQ(image.error().where, "kernel.elf");
}

TEST_F(FlatImageTest, ASegmentThatEndsBehindTheFileIsRefused) {
    kernel_.resize(0x200);
    EXPECT_EQ(write().error().code, ErrorCode::ElfInvalid);
}

TEST_F(FlatImageTest, AKernelOutsideItsOwnMemoryIsRefused) {
    install_.memory = {{0x1000, 0x2000}};
    EXPECT_EQ(write().error().code, ErrorCode::KernelConfig);
}

}  // namespace
}  // namespace kos::boot_image

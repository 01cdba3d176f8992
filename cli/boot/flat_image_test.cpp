// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/boot/flat_image.hpp"

#include "boards/registry.hpp"
#include "boot/checks.hpp"
#include "boot/table.hpp"
#include "cli/pack/image_builder.hpp"
#include "lib/base/crc32.hpp"
#include "lib/manifest/image.hpp"
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
    constexpr std::uint64_t segment_offset = 0x1000;
    format::FileHeader header{};
    std::ranges::copy(format::magic, header.ident.begin());
    header.ident[format::ident_class] = format::class_64;
    header.ident[format::ident_data] = format::data_little_endian;
    header.ident[format::ident_version] = format::version_current;
    header.type = format::et_exec;
    header.version = format::version_current;
    header.ehsize = sizeof(format::FileHeader);
    header.phentsize = sizeof(format::ProgramHeader);
    header.machine = format::em_aarch64;
    header.entry = virtual_address;
    header.phoff = sizeof(header);
    header.phnum = 1;
    format::ProgramHeader segment{};
    segment.type = format::pt_load;
    segment.offset = segment_offset;
    segment.vaddr = virtual_address;
    segment.paddr = physical_address;
    segment.flags = 5;
    segment.align = 0x1000;
    segment.filesz = file_size;
    segment.memsz = memory_size;
    std::vector<std::byte> file(segment_offset + file_size, std::byte{0x5a});
    std::memcpy(file.data(), &header, sizeof(header));
    std::memcpy(file.data() + sizeof(header), &segment, sizeof(segment));
    return file;
}

class FlatImageTest : public ::testing::Test {
   protected:
    FlatImageTest() {
        install_.config =
            kernel::Config::parse(R"({"ARM_PA_SIZE_BITS_40": true, "ROOT_CNODE_SIZE_BITS": "17"})",
                                  "test")
                .value();
        install_.kernel_elf = "kernel.elf";
        install_.memory = {{0x6000'0000, 0x8000'0000}};
        install_.abi = sel4::default_abi();
    }

    Outcome<FlatImage> write(Placement placement = Placement::Outside) {
        return write_flat_image({.board = boards::qemu_virt_aarch64,
                                 .kernel = install_,
                                 .shim_elf = shim_,
                                 .kernel_elf = kernel_,
                                 .system_image = system_image_,
                                 .placement = placement,
                                 .device_tree = device_tree_});
    }
    /// A system image with a root server of two pages at 0x400000 and \p padding bytes besides.
    static std::vector<std::byte> system_image(std::size_t padding = 0) {
        pack::ImageBuilder builder;
        const auto elf = elf_file(0x40'0000, 0, 0x1000, 0x2000);
        builder.set_root_server(builder.add_blob(manifest::BlobKind::RootServer, elf));
        if (padding != 0) {
            std::vector<std::byte> initrd(padding, std::byte{0x77});
            (void)builder.add_blob(manifest::BlobKind::Initrd, std::move(initrd));
        }
        return must(std::move(builder).finish(), "it is small");
    }
    static boot::BootTable table_of(Bytes image) {
        const auto head = read_at<boot::ImageHead>(image, 0);
        return *read_at<boot::BootTable>(image, head->boot_table);
    }

    kernel::Install install_;
    std::vector<std::byte> shim_ = elf_file(0, 0, 0x200, 0x3000);
    std::vector<std::byte> kernel_ = elf_file(0xff'c000'0000, 0x6000'0000, 0x400, 0x2'0000);
    std::vector<std::byte> system_image_ = system_image();
    std::vector<std::byte> device_tree_;
};

TEST_F(FlatImageTest, TheBootTableSaysWhereEverythingIs) {
    const auto image = write();
    ASSERT_TRUE(image.ok()) << to_string(image.error());
    const boot::BootTable table = table_of(image->bytes);
    EXPECT_EQ(table.magic, boot::BootTable::expected_magic);
    EXPECT_EQ(table.flat_size, image->bytes.size());
    EXPECT_EQ(table.kernel_entry, 0xff'c000'0000u);
    EXPECT_EQ(table.kernel_end, 0x6002'0000u);
    EXPECT_EQ(table.kernel_memory_end, 0x8000'0000u);
    EXPECT_EQ(table.system_image_offset % large_page_size, 0u);
    const Bytes bytes{image->bytes};
    EXPECT_EQ(read_at<manifest::ImageHeader>(bytes, table.system_image_offset)->magic,
              manifest::ImageHeader::expected_magic);
    EXPECT_EQ(bytes[table.kernel_segments[0].offset], std::byte{0x5a});
    EXPECT_EQ(table.normal_memory[0], 1u << 1) << "the gigabyte at 0x40000000 is RAM";
}

TEST_F(FlatImageTest, ItPassesTheChecksOfTheShim) {
    device_tree_.assign(100, std::byte{3});
    for (const Placement placement : {Placement::Outside, Placement::RootImage}) {
        const auto image = write(placement);
        ASSERT_TRUE(image) << to_string(image.error());
        const auto head = *read_at<boot::ImageHead>(image->bytes, 0);
        const boot::BootTable table = table_of(image->bytes);
        EXPECT_FALSE(boot::check_table(head, table));
        EXPECT_FALSE(
            boot::check_parts(table, image->bytes, [](Bytes bytes) { return crc32(bytes); }));
        EXPECT_EQ(boot::find_console(head, table)->address, 0x900'0000u);
    }
}

TEST_F(FlatImageTest, TheRootServerEndsWhereTheSystemImageStartsInARootImage) {
    const auto image = write(Placement::RootImage);
    ASSERT_TRUE(image) << to_string(image.error());
    const boot::BootTable table = table_of(image->bytes);
    EXPECT_EQ(table.root_server_place + 0x2000, table.system_image_offset);
    EXPECT_EQ(image->load_address, 0x6040'0000u) << "behind kernel and device tree";
    EXPECT_EQ(read_at<boot::ImageHead>(image->bytes, 0)->text_offset, 0x2040'0000u);
    EXPECT_EQ(image->slots, 2 + system_image_.size() / page_size);
    EXPECT_EQ(write()->load_address, 0x4020'0000u);
    EXPECT_EQ(table_of(write()->bytes).root_server_place, 0u);
}

TEST_F(FlatImageTest, ARootImageWithTooManyPagesIsRefusedWithNumbers) {
    install_.config = kernel::Config::parse(R"({"ROOT_CNODE_SIZE_BITS": "12"})", "test").value();
    system_image_ = system_image(std::size_t{16} << 20);
    const auto image = write(Placement::RootImage);
    ASSERT_FALSE(image.ok());
    EXPECT_EQ(image.error().code, ErrorCode::SlotsExhausted);
    EXPECT_THAT(image.error().detail,
                ::testing::ContainsRegex("takes [0-9]+ slots, and 4096 are there"));
}

TEST_F(FlatImageTest, ThePlacementFollowsFromTheMemoryThatTheKernelManages) {
    const auto choose = [&](std::optional<Placement> wanted = std::nullopt) {
        return choose_placement(boards::qemu_virt_aarch64, install_, wanted);
    };
    EXPECT_EQ(choose().value(), Placement::Outside);
    EXPECT_EQ(choose(Placement::RootImage).value(), Placement::RootImage);
    install_.memory = {{0x4000'0000, 0x8000'0000}};
    EXPECT_EQ(choose().value(), Placement::RootImage);
    EXPECT_EQ(choose(Placement::Outside).error().code, ErrorCode::Unsupported);
}

TEST_F(FlatImageTest, TheSamePartsGiveTheSameBytes) { EXPECT_EQ(write()->bytes, write()->bytes); }

TEST_F(FlatImageTest, ProgramsAreToldOfACounterThatTraps) {
    EXPECT_EQ(table_of(write()->bytes).abi.flags & sel4::KernelAbi::flag_virtual_counter,
              sel4::KernelAbi::flag_virtual_counter);
}

TEST_F(FlatImageTest, AnImageThatTheBoardCannotHoldIsRefusedWithNumbers) {
    system_image_ = system_image(std::size_t{600} << 20);
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

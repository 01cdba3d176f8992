// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/elf/file.hpp"

#include "loader/elf/dynamic.hpp"
#include "loader/elf/notes.hpp"
#include "loader/testing/elf_builder.hpp"
#include "loader/testing/samples.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

namespace kos::elf {
namespace {

using namespace format;
using kos::testing::ElfBuilder;
using kos::testing::small_program;

constexpr std::uint64_t highest = std::numeric_limits<std::uint64_t>::max();

/// The error of the small program after \p spoil.
std::optional<Error> error_after(const std::function<void(ElfBuilder&)>& spoil) {
    ElfBuilder builder = small_program();
    spoil(builder);
    const std::vector<std::byte> bytes = builder.build();
    const auto file = File::create(bytes);
    if (file) return std::nullopt;
    return file.error();
}

TEST(ElfFileTest, ASmallProgramIsReadAsItWasWritten) {
    const std::vector<std::byte> bytes = small_program().build();
    const auto file = File::create(bytes);
    ASSERT_TRUE(file.ok()) << describe(file.error());
    EXPECT_TRUE(file->is_position_independent());
    EXPECT_EQ(file->entry(), VirtualAddress{0x1'0000});
    ASSERT_EQ(file->segments().size(), 2u);
    EXPECT_TRUE(file->segments()[0].executable);
    EXPECT_EQ(file->segments()[1].first_page(), VirtualAddress{0x2'0000});
    EXPECT_EQ(file->page_end(), VirtualAddress{0x2'3000});
    EXPECT_EQ(file->at(VirtualAddress{0x2'0010}, 16)->size(), 16u);
    EXPECT_FALSE(file->at(VirtualAddress{0x2'0010}, 17).has_value());
    EXPECT_EQ(file->program_headers_address(), std::nullopt);
}

TEST(ElfFileTest, EveryPrefixOfAProgramIsRefusedAndNoneIsReadBeyond) {
    const std::vector<std::byte> bytes = small_program().build();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const std::vector<std::byte> part{bytes.begin(),
                                          bytes.begin() + static_cast<std::ptrdiff_t>(size)};
        EXPECT_FALSE(File::create(part).ok()) << size;
    }
}

TEST(ElfFileTest, AFileOfAnotherKindIsRefusedByItsKind) {
    EXPECT_EQ(error_after([](auto& elf) { elf.file_header().ident[1] = 'e'; }), Error::Magic);
    EXPECT_EQ(error_after([](auto& elf) { elf.file_header().ident[4] = 1; }), Error::Format);
    EXPECT_EQ(error_after([](auto& elf) { elf.file_header().ident[5] = 2; }), Error::Format);
    EXPECT_EQ(error_after([](auto& elf) { elf.file_header().machine = 62; }), Error::Machine);
    EXPECT_EQ(error_after([](auto& elf) { elf.file_header().type = 1; }), Error::Type);
}

TEST(ElfFileTest, AMalformedProgramHeaderTableIsRefused) {
    EXPECT_EQ(error_after([](auto& elf) { elf.file_header().phentsize = 32; }),
              Error::ProgramHeaders);
    EXPECT_EQ(error_after([](auto& elf) { elf.file_header().phoff = highest - 8; }),
              Error::ProgramHeaders);
    EXPECT_EQ(error_after([](auto& elf) { elf.file_header().phnum = 0xffff; }),
              Error::ProgramHeaders);
}

TEST(ElfFileTest, ASegmentBeyondTheFileIsRefused) {
    EXPECT_EQ(error_after([](auto& elf) { elf.program_header(1).offset = 0x10'0010; }),
              Error::SegmentBounds);
    EXPECT_EQ(error_after([](auto& elf) { elf.program_header(1).filesz = highest; }),
              Error::SegmentBounds);
    EXPECT_EQ(error_after([](auto& elf) { elf.program_header(1).memsz = 4; }),
              Error::SegmentBounds);
}

TEST(ElfFileTest, ASegmentThatWrapsTheAddressSpaceIsRefused) {
    EXPECT_EQ(error_after([](auto& elf) { elf.program_header(1).memsz = highest - 0x10; }),
              Error::SegmentAddress);
    EXPECT_EQ(error_after([](auto& elf) {
                  elf.program_header(1).vaddr = highest - 0xfff;
                  elf.program_header(1).memsz = 0xfff;
              }),
              Error::SegmentAddress);
}

TEST(ElfFileTest, AlignmentIsAPowerOfTwoThatAddressAndOffsetShare) {
    EXPECT_EQ(error_after([](auto& elf) { elf.program_header(1).align = 3; }),
              Error::SegmentAlignment);
    EXPECT_EQ(error_after([](auto& elf) { elf.program_header(1).vaddr = 0x2'0020; }),
              Error::SegmentAlignment);
}

TEST(ElfFileTest, SegmentsMustNotOverlapOrShareAPage) {
    EXPECT_EQ(error_after([](auto& elf) { elf.program_header(1).vaddr = 0x10; }),
              Error::SegmentOrder);
    EXPECT_EQ(error_after([](auto& elf) { elf.program_header(1).vaddr = 0x1'0010; }),
              Error::SharedPage);
    EXPECT_EQ(error_after([](auto& elf) { elf.program_header(0).memsz = 0x1'0011; }),
              Error::SegmentOrder);
}

TEST(ElfFileTest, NothingIsWritableAndExecutable) {
    EXPECT_EQ(error_after([](auto& elf) { elf.program_header(1).flags = 7; }), Error::WriteExecute);
    EXPECT_EQ(error_after([](auto& elf) { elf.header({.type = pt_gnu_stack, .flags = 7}); }),
              Error::ExecutableStack);
    EXPECT_EQ(error_after([](auto& elf) { elf.header({.type = pt_gnu_stack, .flags = 6}); }),
              std::nullopt);
}

TEST(ElfFileTest, TheEntryPointIsInExecutableMemory) {
    EXPECT_EQ(error_after([](auto& elf) { elf.file_header().entry = 0x2'0010; }), Error::Entry);
    EXPECT_EQ(error_after([](auto& elf) { elf.file_header().entry = 0x1'0008; }), Error::Entry);
}

TEST(ElfFileTest, AFileWithoutSegmentsOrWithTooManyIsRefused) {
    const std::vector<std::byte> none = ElfBuilder{}.header({.type = pt_note}).build();
    EXPECT_EQ(File::create(none).error(), Error::NoSegments);
    EXPECT_EQ(error_after([](auto& elf) {
                  for (std::uint64_t i = 0; i < max_segments; ++i) {
                      elf.load(0x10'0000 + i * 0x1000, pf_read, {}, 8);
                  }
              }),
              Error::TooManySegments);
}

TEST(ElfFileTest, TlsAndRelroLieWithinSegments) {
    const auto with = [](std::uint32_t type, std::uint64_t address, std::uint64_t size) {
        return error_after([=](auto& elf) {
            elf.header({.type = type, .vaddr = address, .filesz = size, .memsz = size, .align = 8});
        });
    };
    EXPECT_EQ(with(pt_tls, 0x2'0010, 8), std::nullopt);
    EXPECT_EQ(with(pt_tls, 0x2'0018, 16), Error::Tls);
    EXPECT_EQ(with(pt_gnu_relro, 0x2'0010, 0xff0), std::nullopt);
    EXPECT_EQ(with(pt_gnu_relro, 0x1'0000, 8), Error::Relro);
    EXPECT_EQ(with(pt_gnu_relro, 0x2'0010, 0x3000), Error::Relro);
}

TEST(ElfFileTest, RealProgramsAreAccepted) {
    for (const char* name : {"static", "static-pie"}) {
        const std::vector<std::byte> bytes = kos::testing::sample(name);
        const auto file = File::create(bytes);
        ASSERT_TRUE(file.ok()) << name << ": " << describe(file.error());
        EXPECT_EQ(file->is_position_independent(), std::string{name} == "static-pie");
        EXPECT_EQ(file->interpreter(), std::nullopt);
        EXPECT_TRUE(file->tls().has_value());
        EXPECT_TRUE(file->relro().has_value());
        EXPECT_TRUE(file->program_headers_address().has_value());
    }
}

TEST(ElfFileTest, ADynamicProgramNamesItsInterpreter) {
    const std::vector<std::byte> bytes = kos::testing::sample("dynamic");
    const auto file = File::create(bytes);
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(file->interpreter(), "/lib/ld-linux-aarch64.so.1");
    EXPECT_TRUE(read_dynamic(*file)->needs_libraries);
}

TEST(NoteReaderTest, NotesAreReadOneAfterAnother) {
    std::vector<std::byte> bytes;
    const auto put = [&bytes](const NoteHeader& head, std::string_view rest) {
        const Bytes header = bytes_of(head);
        bytes.insert(bytes.end(), header.begin(), header.end());
        bytes.insert(bytes.end(), as_bytes(rest).begin(), as_bytes(rest).end());
    };
    put({4, 5, 1}, std::string_view{"GNU\0abcde\0\0\0", 12});
    put({6, 2, 7}, std::string_view{"Solo5\0\0\0xy", 10});
    NoteReader reader{bytes, 4};
    const auto first = reader.next();
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(first->owner, "GNU");
    EXPECT_EQ(as_text(first->description), "abcde");
    const auto second = reader.next();
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->owner, "Solo5");
    EXPECT_EQ(second->type, 7u);
    EXPECT_FALSE(reader.next().has_value());
}

}  // namespace
}  // namespace kos::elf

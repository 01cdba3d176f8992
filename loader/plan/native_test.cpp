// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/plan/native.hpp"

#include "loader/plan/describe.hpp"
#include "loader/testing/elf_builder.hpp"
#include "loader/testing/samples.hpp"

#include <gtest/gtest.h>

namespace kos::plan {
namespace {

using manifest::Mapping;
using manifest::MappingKind;
using manifest::MappingSource;
using namespace elf::format;

constexpr std::uint64_t mebibyte = 1 << 20;

PlacedImage placed_program(const std::vector<std::byte>& bytes) {
    const auto file = elf::File::create(bytes);
    EXPECT_TRUE(file.ok());
    return must(place_program(*file), "the program fits");
}

PlacedImage placed_libos() {
    const std::vector<std::byte> bytes = kos::testing::small_program().build();
    return must(place_libos(must(elf::File::create(bytes), "well-formed")), "libos fits");
}

/// The small program with libos; tests change what they are about.
struct Fixture {
    PlacedImage program = placed_program(kos::testing::small_program().build());
    PlacedImage libos = placed_libos();
    NativeInputs inputs{.program = program,
                        .libos = libos,
                        .blobs = {.program = 1, .stubs = 2, .libos = 3, .initrd = 4},
                        .stub_bytes = 40,
                        .initrd_bytes = 5000,
                        .heap_pages = 256,
                        .threads = 2};

    [[nodiscard]] NativePlan plan() const {
        auto made = plan_native(inputs);
        EXPECT_TRUE(made.ok());
        return std::move(made).value();
    }
};

std::vector<Mapping> of_kind(const NativePlan& plan, MappingKind kind) {
    std::vector<Mapping> result;
    for (const Mapping& mapping : plan.mappings) {
        if (mapping.kind == static_cast<std::uint8_t>(kind)) result.push_back(mapping);
    }
    return result;
}

std::uint64_t end_of(const Mapping& mapping) { return mapping.address + mapping.size; }

TEST(PlaceTest, APositionIndependentProgramLiesAtTheImageBase) {
    const Fixture fixture;
    EXPECT_EQ(fixture.program.start(), native::dynamic_image_base);
    EXPECT_EQ(fixture.program.bias, 0x1000'0000u - 0x1'0000u);
    EXPECT_EQ(fixture.program.entry, native::dynamic_image_base);
    EXPECT_EQ(fixture.program.blob_size, 2 * page_size);
    EXPECT_EQ(fixture.libos.start(), native::libos_base);
}

TEST(PlaceTest, AProgramThatWasLinkedToAnAddressStaysThere) {
    auto builder = kos::testing::small_program();
    builder.file_header().type = et_exec;
    const PlacedImage image = placed_program(builder.build());
    EXPECT_EQ(image.bias, 0u);
    EXPECT_EQ(image.start(), VirtualAddress{0x1'0000});
}

TEST(PlaceTest, AProgramOutsideTheImageAreaIsRefusedWithItsAddress) {
    kos::testing::ElfBuilder builder;
    builder.load(0x20'0000'0000, pf_read | pf_execute, kos::testing::code_of({0}), 4);
    builder.file_header().type = et_exec;
    builder.file_header().entry = 0x20'0000'0000;
    const std::vector<std::byte> bytes = builder.build();
    const auto placed = place_program(must(elf::File::create(bytes), "well-formed"));
    ASSERT_FALSE(placed.ok());
    EXPECT_EQ(placed.error().problem, Problem::OutsideImageArea);
    EXPECT_EQ(placed.error().address, VirtualAddress{0x20'0000'0000});
}

TEST(PlaceTest, ABlobHoldsTheSegmentsBytesAtTheirPlaceInThePage) {
    const std::vector<std::byte> bytes = kos::testing::small_program().build();
    const elf::File file = must(elf::File::create(bytes), "well-formed");
    const PlacedImage image = placed_program(bytes);
    std::vector<std::byte> blob(image.blob_size);
    write_pages(file, image, blob);
    EXPECT_EQ(blob[0], bytes[0x1000]);
    EXPECT_EQ(blob[page_size + 0x0f], std::byte{0});
    EXPECT_EQ(blob[page_size + 0x10], std::byte{7});
    EXPECT_EQ(blob[page_size + 0x20], std::byte{0});
}

TEST(NativePlanTest, TextIsTheImagesAndDataIsTheAppsOwn) {
    const NativePlan plan = Fixture{}.plan();
    const Mapping text = of_kind(plan, MappingKind::Text).at(0);
    EXPECT_EQ(text.source, static_cast<std::uint8_t>(MappingSource::Direct));
    EXPECT_EQ(text.access, manifest::access::read | manifest::access::execute);
    const Mapping data = of_kind(plan, MappingKind::Data).at(0);
    EXPECT_EQ(data.source, static_cast<std::uint8_t>(MappingSource::Copied));
    EXPECT_EQ(data.file_size, 0x20u);
    EXPECT_EQ(data.size, 3 * page_size);
}

TEST(PlaceTest, DataThatLibosFillsIsInNoBlob) {
    const std::vector<std::byte> bytes = kos::testing::small_program().build();
    const elf::File file = must(elf::File::create(bytes), "well-formed");
    const PlacedImage image = must(place_program(file, DataFrom::Initrd), "the program fits");
    EXPECT_EQ(image.blob_size, page_size);
    EXPECT_EQ(image.end(), placed_program(bytes).end());
    std::vector<std::byte> blob(image.blob_size);
    write_pages(file, image, blob);
    EXPECT_EQ(blob[0], bytes[0x1000]);
}

/// Text of 5 MiB at 1 MiB, data of 5 MiB and .bss at 8 MiB.
kos::testing::ElfBuilder large_program() {
    kos::testing::ElfBuilder builder;
    builder.load(mebibyte, pf_read | pf_execute, std::vector<std::byte>(5 * mebibyte),
                 5 * mebibyte);
    builder.load(8 * mebibyte, pf_read | pf_write, std::vector<std::byte>(mebibyte), 5 * mebibyte);
    builder.file_header().type = et_exec;
    builder.file_header().entry = mebibyte;
    return builder;
}

TEST(NativePlanTest, LargePagesAreUsedWhereTheyFit) {
    Fixture fixture;
    fixture.program = placed_program(large_program().build());
    const NativePlan plan = fixture.plan();
    const auto text = of_kind(plan, MappingKind::Text);
    ASSERT_EQ(text.size(), 2u);
    EXPECT_EQ(text[0].size, mebibyte);
    EXPECT_EQ(text[0].page_bits, page_bits);
    EXPECT_EQ(text[1].size, 4 * mebibyte);
    EXPECT_EQ(text[1].page_bits, large_page_bits);
    // In the blob, which starts on a large page, as in the VSpace.
    EXPECT_EQ(text[1].blob_offset % large_page_size, 0u);
    EXPECT_EQ(text[1].blob_offset - text[0].blob_offset, mebibyte);

    const auto data = of_kind(plan, MappingKind::Data);
    ASSERT_EQ(data.size(), 2u);
    EXPECT_EQ(data[0].size, 4 * mebibyte);
    EXPECT_EQ(data[0].page_bits, large_page_bits);
    EXPECT_EQ(data[0].file_size, mebibyte);
    EXPECT_EQ(data[1].source, static_cast<std::uint8_t>(MappingSource::Zero));
    EXPECT_EQ(data[1].size, mebibyte);
    EXPECT_EQ(plan.objects.large_frames, 2u);
}

TEST(NativePlanTest, WhatBecomesReadOnlyWhileItRunsIsInSmallPages) {
    Fixture fixture;
    auto builder = large_program();
    ProgramHeader relro;
    relro.type = pt_gnu_relro;
    relro.vaddr = 8 * mebibyte;
    relro.memsz = relro.filesz = page_size;
    relro.offset = builder.last_header().offset;
    builder.header(relro);
    fixture.program = placed_program(builder.build());
    const auto data = of_kind(fixture.plan(), MappingKind::Data);
    ASSERT_GE(data.size(), 2u);
    EXPECT_EQ(data[0].page_bits, page_bits);
    EXPECT_EQ(data[0].size, 2 * mebibyte);
    EXPECT_EQ(data[1].page_bits, large_page_bits);
}

TEST(NativePlanTest, WhatAnEarlierAppMapsIsMappedByCopiesOfCapabilities) {
    Fixture fixture;
    const NativePlan first = fixture.plan();
    EXPECT_EQ(first.objects.shared_frames, 0u);
    fixture.inputs.blobs.program += 10;
    fixture.inputs.earlier = first.mappings.items();
    const NativePlan second = fixture.plan();
    EXPECT_EQ(of_kind(second, MappingKind::Text).at(0).source,
              static_cast<std::uint8_t>(MappingSource::Direct));
    EXPECT_EQ(of_kind(second, MappingKind::LibosText).at(0).source,
              static_cast<std::uint8_t>(MappingSource::Shared));
    // libos's text, stubs, initrd 2.
    EXPECT_EQ(second.objects.shared_frames, 1u + 1 + 2);
}

TEST(NativePlanTest, StubsAreBehindTheProgramThenAGuardThenBrk) {
    const Fixture fixture;
    const NativePlan plan = fixture.plan();
    const Mapping stubs = of_kind(plan, MappingKind::Stubs).at(0);
    EXPECT_EQ(stubs.address, fixture.program.end().value());
    EXPECT_EQ(plan.brk_base.value(), end_of(stubs) + page_size);
    EXPECT_EQ(plan.brk_limit - plan.brk_base, 256 * page_size);
    EXPECT_EQ(of_kind(plan, MappingKind::Heap).at(0).address, plan.brk_base.value());
}

TEST(NativePlanTest, NothingIsWritableAndExecutableAndNothingOverlaps) {
    std::uint64_t end = 0;
    for (const Mapping& mapping : Fixture{}.plan().mappings) {
        EXPECT_NE(mapping.access & 6, 6);
        EXPECT_GE(mapping.address, end);
        end = end_of(mapping);
    }
    EXPECT_LE(end, native::user_limit.value());
}

TEST(NativePlanTest, GuardsEncloseStacksAndThreadAreas) {
    const NativePlan plan = Fixture{}.plan();
    const auto is_guard = [&](std::uint64_t address) {
        for (const Mapping& guard : of_kind(plan, MappingKind::Guard)) {
            if (address >= guard.address && address < end_of(guard)) return true;
        }
        return false;
    };
    EXPECT_TRUE(is_guard(0));
    EXPECT_TRUE(is_guard(native::stack_top.value()));
    EXPECT_TRUE(is_guard((native::stack_top - native::stack_limit).value() - 1));
    for (const Mapping& area : of_kind(plan, MappingKind::ThreadArea)) {
        EXPECT_TRUE(is_guard(area.address - 1));
        EXPECT_TRUE(is_guard(end_of(area)));
    }
}

TEST(NativePlanTest, ALargeInitrdIsMappedWithLargePagesAsFarAsTheyAreFull) {
    Fixture fixture;
    fixture.inputs.initrd_bytes = 5 * mebibyte + 1;
    fixture.inputs.initrd_on_large_page = true;
    const NativePlan plan = fixture.plan();
    const auto initrd = of_kind(plan, MappingKind::Initrd);
    ASSERT_EQ(initrd.size(), 2u);
    EXPECT_EQ(initrd[0].page_bits, large_page_bits);
    EXPECT_EQ(initrd[0].size, 4 * mebibyte);
    EXPECT_EQ(initrd[1].blob_offset, 4 * mebibyte);
    EXPECT_EQ(initrd[1].size, mebibyte + page_size);
    fixture.inputs.initrd_on_large_page = false;
    EXPECT_EQ(of_kind(fixture.plan(), MappingKind::Initrd).size(), 1u);

    fixture.inputs.initrd_on_large_page = true;
    fixture.inputs.earlier = plan.mappings.items();
    EXPECT_EQ(fixture.plan().objects.shared_large, 2u);
}

TEST(NativePlanTest, ObjectsAreCountedExactly) {
    const manifest::ObjectCounts objects = Fixture{}.plan().objects;
    EXPECT_EQ(objects.tcbs, 2u);
    EXPECT_EQ(objects.sched_contexts, 2u);
    EXPECT_EQ(objects.notifications, 2u);
    EXPECT_EQ(objects.heap_frames, 256u);
    // Data 3 and libos's 3, process information, 2 thread areas of 4, stack 4.
    EXPECT_EQ(objects.frames, 3u + 3 + 1 + 8 + 4);
    EXPECT_EQ(objects.shared_frames, 0u);
    // GiB: image, libos with its neighbours, initrd. 2 MiB: image and brk 1, libos 1, process
    // information 1, thread areas 1, stack 4, initrd 1. Heap 1.
    EXPECT_EQ(objects.page_tables, 3u + 9 + 1 + mmap_table_reserve);
    EXPECT_TRUE(caps::ObjectList::create(objects, {}, sel4::default_abi()).fits());
}

TEST(NativePlanTest, ManyArgumentsMapMoreOfTheStackBeforehand) {
    Fixture fixture;
    fixture.inputs.argument_bytes = 100'000;
    for (const Mapping& mapping : of_kind(fixture.plan(), MappingKind::Stack)) {
        if (mapping.source != static_cast<std::uint8_t>(MappingSource::Zero)) continue;
        EXPECT_EQ(mapping.size, (25 + 1) * page_size);
        EXPECT_EQ(end_of(mapping), native::stack_top.value());
    }
    fixture.inputs.argument_bytes = native::stack_limit;
    EXPECT_EQ(plan_native(fixture.inputs).error().problem, Problem::Arguments);
}

TEST(NativePlanTest, WhatDoesNotFitIsRefusedByName) {
    Fixture fixture;
    fixture.inputs.threads = 0;
    EXPECT_EQ(plan_native(fixture.inputs).error().problem, Problem::Threads);
    fixture.inputs.threads = native::max_threads + 1;
    EXPECT_EQ(plan_native(fixture.inputs).error().problem, Problem::Threads);
    fixture.inputs.threads = native::max_threads;
    EXPECT_TRUE(plan_native(fixture.inputs).ok());
    fixture.inputs.heap_pages = 0xffff'ffff;
    EXPECT_EQ(plan_native(fixture.inputs).error().problem, Problem::OutsideImageArea);
    fixture.inputs.heap_pages = 0;
    fixture.inputs.initrd_bytes = 1'000'000 * mebibyte;
    EXPECT_EQ(plan_native(fixture.inputs).error().problem, Problem::InitrdSize);
}

TEST(NativePlanTest, ARealProgramIsPlannedAndDescribed) {
    for (const char* name : {"static", "static-pie"}) {
        const Fixture fixture;
        const PlacedImage program = placed_program(kos::testing::sample(name));
        const NativeInputs inputs{.program = program,
                                  .libos = fixture.libos,
                                  .blobs = fixture.inputs.blobs,
                                  .stub_bytes = 600,
                                  .heap_pages = 16};
        const auto plan = plan_native(inputs);
        ASSERT_TRUE(plan.ok());
        const std::string text = describe_layout(plan->mappings.items());
        EXPECT_NE(text.find("r-x  4K  text"), text.npos) << text;
        EXPECT_NE(text.find("0x7020000000"), text.npos) << text;
    }
}

}  // namespace
}  // namespace kos::plan

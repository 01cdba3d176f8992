// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A whole run over the simulated kernel: what an app is given, what it finds, what is left.
#include "rootserver/spawn/spawn.hpp"

#include "lib/message/area.hpp"
#include "lib/native/process_info.hpp"
#include "rootserver/testing/test_system.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace kos::rootserver {
namespace {

using namespace testing;
using msg::FrameType;

manifest::App first_app(const std::vector<std::byte>& image) {
    return must(manifest::ImageView::create(image, image.size()), "the test image is well-formed")
        .app(0);
}

TEST(SpawnTest, AnAppRunsToItsEndAndEverythingComesBack) {
    TestSystem system{std::vector<TestApp>(1)};
    ASSERT_TRUE(system.boot());
    system.set_app([](sim::Thread&) {
        EXPECT_EQ(write_text(0, "hello, world\n").result, 13u);
        exit_app(0, 3 << 8);
    });
    system.server().run();

    EXPECT_EQ(system.text(FrameType::Stdout), "hello, world\n");
    EXPECT_EQ(system.text(FrameType::Log), "");
    const auto exits = system.records<msg::ExitRecord>(FrameType::Exited);
    ASSERT_EQ(exits.size(), 1u);
    EXPECT_EQ(exits[0].status, 3u << 8);
    const auto inventories = system.records<msg::InventoryRecord>(FrameType::Inventory);
    ASSERT_EQ(inventories.size(), 2u);
    EXPECT_EQ(as_text(bytes_of(inventories[0])), as_text(bytes_of(inventories[1])));
    EXPECT_EQ(system.frames().back().type, FrameType::Finished);
}

TEST(SpawnTest, WhatIsUsedIsWhatWasPlanned) {
    const std::vector<std::byte> image = make_test_image({TestApp{}});
    const manifest::App planned = first_app(image);
    TestSystem system{image};
    ASSERT_TRUE(system.boot());
    system.set_app([](sim::Thread&) { exit_app(0, 0); });
    system.server().run();

    const auto usages = system.records<msg::UsageRecord>(FrameType::Started);
    ASSERT_EQ(usages.size(), 1u);
    EXPECT_EQ(as_text(bytes_of(usages[0].objects)), as_text(bytes_of(planned.objects)));
    const caps::ObjectList objects = caps::ObjectList::create(planned, sel4::default_abi());
    EXPECT_EQ(usages[0].untyped_bytes, objects.untyped_bytes());
    EXPECT_EQ(usages[0].slots, objects.slots());
    EXPECT_LE(usages[0].invocations, 2 * usages[0].slots);
}

TEST(SpawnTest, AnAppFindsWhatItsPlanSays) {
    TestSystem system{std::vector<TestApp>(1)};
    ASSERT_TRUE(system.boot());
    system.set_app([](sim::Thread& thread) {
        const std::byte* text = sel4::vspace_pointer(program_text.value());
        for (std::uint64_t i = 0; i < 2 * page_size; ++i) ASSERT_EQ(text[i], program_byte(i));
        std::byte* data = sel4::vspace_pointer(program_data.value());
        for (std::uint64_t i = 0; i < 3 * page_size; ++i) {
            const bool of_file = i < program_data_bytes;
            ASSERT_EQ(data[i], of_file ? program_byte(2 * page_size + i) : std::byte{0}) << i;
        }
        data[0] = data[3 * page_size - 1] = std::byte{1};

        const auto& info = *reinterpret_cast<const native::ProcessInfo*>(
            sel4::vspace_pointer(native::process_info_address.value()));
        EXPECT_EQ(info.magic, native::ProcessInfo::expected_magic);
        EXPECT_EQ(info.program_entry, program_text.value());
        EXPECT_EQ(info.heap_pages, 24u);
        EXPECT_EQ(info.threads, 2u);
        EXPECT_EQ(info.realtime_offset, 1'000'000'000'000u);
        EXPECT_STREQ(reinterpret_cast<const char*>(&info) + info.executable.offset, "/program");
        EXPECT_EQ(info.argc, 2u);
        const auto* stack =
            reinterpret_cast<const std::uint64_t*>(sel4::vspace_pointer(info.program_sp));
        EXPECT_EQ(stack[0], 2u);
        EXPECT_STREQ(reinterpret_cast<const char*>(sel4::vspace_pointer(stack[2])), "argument");
        EXPECT_STREQ(reinterpret_cast<const char*>(sel4::vspace_pointer(stack[4])), "NAME=VALUE");

        const sim::Registers& registers = sim::registers_of(thread);
        EXPECT_EQ(registers.tpidrro_el0, native::thread_block_address(0).value());
        EXPECT_EQ(registers.x[0], registers.tpidrro_el0);
        EXPECT_EQ(registers.sp, native::thread_stack_top(0).value());
        exit_app(0, 0);
    });
    system.server().run();
    EXPECT_EQ(system.text(FrameType::Log), "");
}

TEST(SpawnTest, ALargeInitrdIsMappedByLargePagesAndItsEndBySmallOnes) {
    constexpr std::uint64_t size = 2 * large_page_size + 5 * page_size;
    const std::vector<std::byte> image = make_test_image({{.initrd_bytes = size}});
    TestSystem system{image};
    ASSERT_TRUE(system.boot());
    system.set_app([](sim::Thread&) {
        const std::byte* initrd = sel4::vspace_pointer(native::initrd_base.value());
        for (std::uint64_t i = 0; i < size; ++i) ASSERT_EQ(initrd[i], program_byte(i)) << i;
        exit_app(0, 0);
    });
    system.server().run();
    EXPECT_EQ(system.text(FrameType::Log), "");
    const auto usages = system.records<msg::UsageRecord>(FrameType::Started);
    ASSERT_EQ(usages.size(), 1u);
    EXPECT_EQ(usages[0].pages - usages[0].maps, 2 * (large_page_size / page_size - 1));
    EXPECT_EQ(system.records<msg::ExitRecord>(FrameType::Exited).size(), 1u);
}

TEST(SpawnTest, AnImageInSmallFramesIsMappedByThem) {
    constexpr std::uint64_t size = 2 * large_page_size + 5 * page_size;
    const std::vector<std::byte> image = make_test_image({{.initrd_bytes = size}});
    TestSystem system{image, {}, {.displacement = page_size}};
    ASSERT_TRUE(system.boot());
    system.set_app([](sim::Thread&) {
        const std::byte* initrd = sel4::vspace_pointer(native::initrd_base.value());
        for (std::uint64_t i = 0; i < size; ++i) ASSERT_EQ(initrd[i], program_byte(i)) << i;
        exit_app(0, 0);
    });
    Supervisor& supervisor = system.server().supervisor();
    for (int start = 0; start < 2; ++start) {
        ASSERT_TRUE(supervisor.start_app(0));
        supervisor.serve();
    }
    EXPECT_EQ(system.text(FrameType::Log), "");
    const auto usages = system.records<msg::UsageRecord>(FrameType::Started);
    ASSERT_EQ(usages.size(), 2u);
    EXPECT_EQ(usages[1].maps, usages[1].pages);
    EXPECT_EQ(as_text(bytes_of(usages[1].objects)), as_text(bytes_of(first_app(image).objects)));
}

TEST(SpawnTest, AnImageThatTheKernelMappedWithTheRootServerIsRunFromThere) {
    constexpr std::uint64_t size = large_page_size + 5 * page_size;
    const std::vector<std::byte> image = make_test_image({{.initrd_bytes = size}, {}});
    TestSystem system{image, {}, {.in_root_image = true}};
    ASSERT_TRUE(system.boot());
    system.set_app([](sim::Thread&) {
        const std::byte* text = sel4::vspace_pointer(program_text.value());
        for (std::uint64_t i = 0; i < 2 * page_size; ++i) ASSERT_EQ(text[i], program_byte(i));
        exit_app(0, 0);
    });
    Supervisor& supervisor = system.server().supervisor();
    const auto before = system.server().memory().inventory();
    for (const int app : {0, 1, 0, 1}) {
        ASSERT_TRUE(supervisor.start_app(static_cast<std::uint8_t>(app)));
        supervisor.serve();
    }
    EXPECT_EQ(system.text(FrameType::Log), "");
    const auto usages = system.records<msg::UsageRecord>(FrameType::Started);
    ASSERT_EQ(usages.size(), 4u);
    EXPECT_EQ(usages[2].maps, usages[2].pages) << "by small pages";
    EXPECT_EQ(as_text(bytes_of(usages[2].objects)), as_text(bytes_of(first_app(image).objects)));
    EXPECT_EQ(before.slots, system.server().memory().inventory().slots);
    EXPECT_EQ(before.untyped_bytes, system.server().memory().inventory().untyped_bytes);
}

TEST(SpawnTest, AnImageInTheRootServersProgramIsReadOnlyThereOrNotMapped) {
    const std::vector<std::byte> image = make_test_image({TestApp{}});
    TestSystem system{image, {}, {.in_root_image = true}};
    ASSERT_TRUE(system.boot());
    const auto view = manifest::ImageView::create(image, image.size());
    std::uint64_t of_app = 0;
    for (std::uint32_t m = 0; m < view->app(0).mappings.count; ++m) {
        const manifest::Mapping mapping = view->mapping(view->app(0), m);
        if (mapping.source == static_cast<std::uint8_t>(manifest::MappingSource::Direct)) {
            of_app = view->image_offset(mapping);
        }
    }
    // Mapping a page at another place fails only where it is mapped.
    const sel4::Word first = system.kernel().boot_info().user_image_frames.start + 1;
    const auto map = [&](std::uint64_t offset) {
        return sel4::page_map(sel4::Cap<sel4::Frame>{first + offset / page_size},
                              sel4::Cap<sel4::VSpace>{sel4::root_slot::vspace}, 0x5f'f000,
                              sel4::read_only, sel4::VmAttributes::CacheableExecuteNever);
    };
    EXPECT_FALSE(map(0)) << "the root server reads the manifest";
    ASSERT_NE(of_app, 0u);
    EXPECT_TRUE(map(of_app));
    EXPECT_DEATH(*sel4::vspace_pointer(0x40'1000) = std::byte{1}, "");
}

TEST(SpawnTest, AppsShareTheImagesPagesAndOnlyTheFirstNeedsNoCopies) {
    TestSystem system{std::vector<TestApp>(2)};
    ASSERT_TRUE(system.boot());
    system.set_app([](sim::Thread&) {
        const std::byte* text = sel4::vspace_pointer(program_text.value());
        for (std::uint64_t i = 0; i < 2 * page_size; ++i) ASSERT_EQ(text[i], program_byte(i));
        exit_app(0, 0);
    });
    // The second alone, then both in turn: whose capabilities are whose does not depend on it.
    Supervisor& supervisor = system.server().supervisor();
    for (const int app : {1, 0, 1, 0, 0}) {
        ASSERT_TRUE(supervisor.start_app(static_cast<std::uint8_t>(app)));
        supervisor.serve();
    }
    EXPECT_EQ(system.text(FrameType::Log), "");
    const auto usages = system.records<msg::UsageRecord>(FrameType::Started);
    ASSERT_EQ(usages.size(), 5u);
    EXPECT_GT(usages[0].objects.shared_frames, 0u);
    EXPECT_EQ(usages[1].objects.shared_frames, 0u);
    EXPECT_EQ(usages[0].pages, usages[1].pages);
    EXPECT_EQ(usages[0].maps, usages[0].pages);
}

TEST(SpawnTest, AThousandStartsLeaveMemoryAndSlotsAsTheyWere) {
    TestSystem system{std::vector<TestApp>(1)};
    ASSERT_TRUE(system.boot());
    system.set_app([](sim::Thread&) { exit_app(0, 0); });
    Supervisor& supervisor = system.server().supervisor();
    const msg::InventoryRecord before = system.server().memory().inventory();
    for (int cycle = 0; cycle < 1000; ++cycle) {
        ASSERT_TRUE(supervisor.start_app(0));
        supervisor.serve();
        const msg::InventoryRecord after = system.server().memory().inventory();
        ASSERT_EQ(as_text(bytes_of(before)), as_text(bytes_of(after))) << cycle;
    }
    EXPECT_EQ(system.records<msg::ExitRecord>(FrameType::Exited).size(), 1000u);
}

TEST(SpawnTest, EveryStartGetsItsOwnRandomNumbers) {
    TestSystem system{std::vector<TestApp>(1)};
    ASSERT_TRUE(system.boot());
    std::vector<std::array<std::uint8_t, 32>> seeds;
    system.set_app([&](sim::Thread&) {
        seeds.push_back(reinterpret_cast<const native::ProcessInfo*>(
                            sel4::vspace_pointer(native::process_info_address.value()))
                            ->seed);
        exit_app(0, 0);
    });
    for (int start = 0; start < 2; ++start) {
        ASSERT_TRUE(system.server().supervisor().start_app(0));
        system.server().supervisor().serve();
    }
    ASSERT_EQ(seeds.size(), 2u);
    EXPECT_NE(seeds[0], seeds[1]);
}

TEST(SpawnTest, AnAppThatDoesNotFitIsRefusedWithTheBytesThatAreMissing) {
    TestSystem system{std::vector<TestApp>{{.heap_pages = 8192}, {}}};
    ASSERT_TRUE(system.boot());
    system.set_app([](sim::Thread&) { exit_app(0, 0); });
    system.server().run();
    const std::string log = system.text(FrameType::Failed);
    EXPECT_NE(log.find("KOS-E-UNTYPED"), std::string::npos) << log;
    EXPECT_NE(log.find("bytes are missing"), std::string::npos) << log;
    // The other app is none the worse.
    EXPECT_EQ(system.records<msg::ExitRecord>(FrameType::Exited).size(), 1u);
}

TEST(SpawnTest, APlanThatCountsWrongIsRefused) {
    const std::vector<std::byte> image = make_test_image({TestApp{}});
    const auto view = must(manifest::ImageView::create(image, image.size()), "well-formed");
    EXPECT_TRUE(check_plan(view, view.app(0)));
    manifest::App app = view.app(0);
    app.objects.frames = app.objects.frames - 1;
    EXPECT_EQ(check_plan(view, app).error().code, ErrorCode::ImageCorrupt);
    app = view.app(0);
    app.objects.tcbs = 3;
    EXPECT_EQ(check_plan(view, app).error().code, ErrorCode::ImageCorrupt);
    app = view.app(0);
    app.max_priority = 1;
    EXPECT_EQ(check_plan(view, app).error().code, ErrorCode::PriorityRange);
    app = view.app(0);
    app.kind = static_cast<std::uint8_t>(manifest::AppKind::MicroVm);
    EXPECT_EQ(check_plan(view, app).error().code, ErrorCode::ImageCorrupt) << "it has no guest";
}

TEST(SpawnTest, WhatIsLentIsOneMembersAreaWhole) {
    std::vector<std::byte> image = make_test_image({TestApp{}});
    const auto view = must(manifest::ImageView::create(image, image.size()), "well-formed");
    manifest::App app = view.app(0);
    const std::uint32_t last = app.mappings.count - 1;
    const std::uint64_t at = std::uint64_t{view.header().mappings.offset} +
                             (app.mappings.offset + last) * sizeof(manifest::Mapping);
    // As if the image had a message server: the view was checked before.
    const auto lends = [&](std::uint64_t offset, std::uint64_t size) {
        manifest::Mapping mapping = view.mapping(app, last);
        mapping.source = static_cast<std::uint8_t>(manifest::MappingSource::Lent);
        mapping.page_bits = page_bits;
        mapping.blob_offset = offset;
        mapping.size = size;
        std::ranges::copy(bytes_of(mapping), image.begin() + static_cast<std::ptrdiff_t>(at));
        std::uint64_t shared = 0;
        for (std::uint32_t m = 0; m < app.mappings.count; ++m) {
            const manifest::Mapping one = view.mapping(app, m);
            const auto source = static_cast<manifest::MappingSource>(one.source);
            const bool is_shared = source == manifest::MappingSource::Shared ||
                                   source == manifest::MappingSource::Lent;
            if (is_shared && one.page_bits == page_bits) shared += one.size / page_size;
        }
        app.objects.shared_frames = static_cast<std::uint32_t>(shared);
        return check_plan(view, app);
    };
    EXPECT_TRUE(lends(0, message::area_size));
    EXPECT_TRUE(lends(message::area_size, message::area_size));
    EXPECT_EQ(lends(0, page_size).error().code, ErrorCode::ImageCorrupt);
    EXPECT_EQ(lends(page_size, message::area_size).error().code, ErrorCode::ImageCorrupt);
}

}  // namespace
}  // namespace kos::rootserver

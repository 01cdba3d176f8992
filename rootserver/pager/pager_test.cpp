// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Demand paging as an app sees it, over the simulated kernel.
#include "rootserver/pager/pager.hpp"

#include "rootserver/testing/test_system.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace kos::rootserver {
namespace {

using namespace testing;
using msg::FrameType;
using native::Request;

constexpr sel4::Word e_no_memory = 12, e_access = 13, e_invalid = 22;
constexpr sel4::Word none = native::protect_none, read = native::protect_read,
                     write = native::protect_write, execute = native::protect_execute;
constexpr VirtualAddress area = native::mmap_base;

/// Runs an app with that program; its exit record.
msg::ExitRecord run_app(TestSystem& system, const std::function<void()>& program) {
    EXPECT_TRUE(system.boot());
    system.set_app([&](sim::Thread&) {
        program();
        exit_app(0, 0);
    });
    system.server().run();
    const auto exits = system.records<msg::ExitRecord>(FrameType::Exited);
    EXPECT_EQ(exits.size(), 1u);
    return exits.empty() ? msg::ExitRecord{} : exits[0];
}

sel4::Word map(VirtualAddress address, std::uint64_t pages, sel4::Word protection) {
    return request(0, Request::Map, {address.value(), pages * page_size, protection}).label;
}
sel4::Word unmap(VirtualAddress address, std::uint64_t pages) {
    return request(0, Request::Unmap, {address.value(), pages * page_size}).label;
}
sel4::Word protect(VirtualAddress address, std::uint64_t pages, sel4::Word protection) {
    return request(0, Request::Protect, {address.value(), pages * page_size, protection}).label;
}
sel4::Word commit(VirtualAddress address, std::uint64_t pages) {
    return request(0, Request::Commit, {address.value(), pages * page_size}).label;
}

TEST(PagerTest, PagesComeInZeroedWhenTheyAreTouched) {
    TestSystem system{std::vector<TestApp>(1)};
    const auto record = run_app(system, [] {
        ASSERT_EQ(map(area, 20, read | write), 0u);
        std::byte* page = touch(area + 3 * page_size, Access::Write);
        EXPECT_EQ(*page, std::byte{0});
        *page = std::byte{42};
        // Its neighbours came with it, up to an aligned block of eight.
        EXPECT_EQ(*sel4::vspace_pointer((area + 7 * page_size).value()), std::byte{0});
    });
    EXPECT_EQ(record.status, 0u);
    EXPECT_EQ(record.heap_pages, 8u);
}

TEST(PagerTest, PagesThatWereGivenBackComeAgainZeroed) {
    TestSystem system{std::vector<TestApp>{{.heap_pages = 1}}};
    const auto record = run_app(system, [] {
        ASSERT_EQ(map(area, 1, read | write), 0u);
        *touch(area, Access::Write) = std::byte{42};
        ASSERT_EQ(unmap(area, 1), 0u);
        ASSERT_EQ(map(area + page_size, 1, read | write), 0u);
        EXPECT_EQ(*touch(area + page_size, Access::Read), std::byte{0});
        // Mapping in place of what is there gives fresh pages as well.
        *sel4::vspace_pointer((area + page_size).value()) = std::byte{43};
        ASSERT_EQ(map(area + page_size, 1, read | write), 0u);
        EXPECT_EQ(*touch(area + page_size, Access::Read), std::byte{0});
    });
    EXPECT_EQ(record.status, 0u);
    EXPECT_EQ(record.heap_pages, 1u);
}

TEST(PagerTest, NothingIsEverWritableAndExecutable) {
    TestSystem system{std::vector<TestApp>(1)};
    const auto record = run_app(system, [] {
        EXPECT_EQ(map(area, 1, read | write | execute), e_access);
        ASSERT_EQ(map(area, 1, read | write), 0u);
        *touch(area, Access::Write) = std::byte{42};
        EXPECT_EQ(protect(area, 1, write | execute), e_access);
        EXPECT_EQ(protect(area, 1, read | execute), 0u);
        EXPECT_EQ(*sel4::vspace_pointer(area.value()), std::byte{42});
    });
    EXPECT_EQ(record.status, 0u);
}

TEST(PagerTest, ASystemCallDoesNotBecomeExecutable) {
    TestSystem system{std::vector<TestApp>(1)};
    const auto record = run_app(system, [] {
        constexpr std::array<std::uint32_t, 5> code{
            0x9280'01a7,   // mov x7, #-14
            0xd400'0001,   // svc #0
            0xd41f'ffe1,   // svc #0xffff
            0xd400'0002,   // hvc #0: undefined for an app anyway
            0xd65f'03c0};  // ret
        constexpr std::array<std::uint32_t, 5> harmless{code[0], 1, 1, code[3], code[4]};
        const auto is = [](const auto& words) {
            return std::memcmp(sel4::vspace_pointer(area.value()), words.data(), sizeof(words)) ==
                   0;
        };
        const auto write_code = [&] {
            std::memcpy(touch(area, Access::Write), code.data(), sizeof(code));
        };
        ASSERT_EQ(map(area, 1, read | write), 0u);
        write_code();
        ASSERT_EQ(protect(area, 1, read | execute), 0u);
        EXPECT_TRUE(is(harmless));

        ASSERT_EQ(protect(area, 1, read | write), 0u);
        std::memcpy(sel4::vspace_pointer(area.value()), code.data(), sizeof(code));
        ASSERT_EQ(protect(area, 1, none), 0u);
        ASSERT_EQ(protect(area, 1, execute), 0u);
        EXPECT_TRUE(is(harmless));

        // The stack is a region as any other.
        const VirtualAddress stack = native::stack_top - 16 * page_size;
        std::memcpy(touch(stack, Access::Write), code.data(), sizeof(code));
        ASSERT_EQ(protect(stack, 1, read | execute), 0u);
        EXPECT_EQ(std::memcmp(sel4::vspace_pointer(stack.value()), harmless.data(), sizeof(code)),
                  0);
    });
    EXPECT_EQ(record.status, 0u);
}

TEST(PagerTest, WhatIsExecutableCannotBeWritten) {
    TestSystem system{std::vector<TestApp>(1)};
    const auto record = run_app(system, [] {
        ASSERT_EQ(map(area, 1, read | write), 0u);
        (void)touch(area, Access::Write);
        ASSERT_EQ(protect(area, 1, read | execute), 0u);
        (void)touch(area, Access::Write);  // ends it
        ADD_FAILURE();
    });
    EXPECT_EQ(record.status, 11u);
}

TEST(PagerTest, ContentsSurviveATimeWithoutAccess) {
    TestSystem system{std::vector<TestApp>(1)};
    const auto record = run_app(system, [] {
        ASSERT_EQ(map(area, 2, read | write), 0u);
        *touch(area, Access::Write) = std::byte{42};
        ASSERT_EQ(protect(area, 1, none), 0u);
        EXPECT_EQ(commit(area, 1), e_access);
        ASSERT_EQ(protect(area, 1, read), 0u);
        EXPECT_EQ(*sel4::vspace_pointer(area.value()), std::byte{42});
    });
    EXPECT_EQ(record.status, 0u);
}

TEST(PagerTest, RequestsOutsideTheAreasAreRefused) {
    TestSystem system{std::vector<TestApp>(1)};
    run_app(system, [] {
        EXPECT_EQ(map(area + 1, 1, read), e_invalid);
        EXPECT_EQ(map(area, 0, read), e_invalid);
        EXPECT_EQ(map(program_text, 1, read), e_invalid);
        EXPECT_EQ(map(native::mmap_limit - page_size, 2, read), e_invalid);
        EXPECT_EQ(map(VirtualAddress{~std::uint64_t{0} - page_size + 1}, 1, read), e_invalid);
        EXPECT_EQ(map(area, 1, 8), e_invalid);
        EXPECT_EQ(protect(area, 1, read), e_invalid);
        EXPECT_EQ(protect(program_text, 1, read), e_invalid);
        EXPECT_EQ(unmap(native::stack_top - page_size, 1), e_invalid);
    });
}

TEST(PagerTest, TheProgramsDataCanBeMadeReadOnly) {
    TestSystem system{std::vector<TestApp>(1)};
    const auto record = run_app(system, [] {
        EXPECT_EQ(protect(program_data, 1, read), 0u);
        EXPECT_EQ(*sel4::vspace_pointer(program_data.value()), program_byte(2 * page_size));
        EXPECT_EQ(protect(program_data, 1, read | execute), e_access);
        (void)touch(program_data, Access::Write);  // ends it
        ADD_FAILURE();
    });
    EXPECT_EQ(record.status, 11u);
}

TEST(PagerTest, CommitSaysWhenTheHeapIsUsedUp) {
    TestSystem system{std::vector<TestApp>{{.heap_pages = 4}}};
    const auto record = run_app(system, [] {
        ASSERT_EQ(map(area, 5, read | write), 0u);
        EXPECT_EQ(commit(area, 5), e_no_memory);
        ASSERT_EQ(unmap(area, 5), 0u);
        ASSERT_EQ(map(area, 4, read | write), 0u);
        EXPECT_EQ(commit(area, 4), 0u);
    });
    EXPECT_EQ(record.heap_pages, 4u);
    EXPECT_EQ(record.heap_limit, 4u);
}

TEST(PagerTest, AnAppThatTouchesMoreThanItsHeapIsKilled) {
    TestSystem system{std::vector<TestApp>{{.heap_pages = 4}}};
    const auto record = run_app(system, [] {
        ASSERT_EQ(map(area, 5, read | write), 0u);
        for (std::uint64_t i = 0; i < 5; ++i) (void)touch(area + i * page_size, Access::Write);
        ADD_FAILURE();
    });
    EXPECT_EQ(record.status, 9u);
    EXPECT_NE(system.text(FrameType::Log).find("KOS-E-OUT-OF-MEMORY"), std::string::npos);
}

TEST(PagerTest, TheStackGrows) {
    TestSystem system{std::vector<TestApp>(1)};
    const auto record = run_app(system, [] {
        const VirtualAddress deep = native::stack_top - 16 * page_size;
        *touch(deep, Access::Write) = std::byte{1};
    });
    EXPECT_EQ(record.status, 0u);
}

}  // namespace
}  // namespace kos::rootserver

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What ends an app, and what a person is told of it.
#include "rootserver/supervise/crash.hpp"

#include "rootserver/testing/test_system.hpp"

#include <gmock/gmock.h>

namespace kos::rootserver {
namespace {

using namespace testing;
using msg::FrameType;
using ::testing::HasSubstr;

constexpr sel4::Word syndrome_undefined = 0x0200'0000;
constexpr sel4::Word syndrome_breakpoint = 0xf200'0001;

/// Runs an app that does that with its pc in "middle" of the program; the log and the status.
struct Ended {
    std::uint32_t status = 0;
    std::string log;
};
Ended end_of(const std::function<void()>& program) {
    TestSystem system{std::vector<TestApp>(1)};
    EXPECT_TRUE(system.boot());
    system.set_app([&](sim::Thread& thread) {
        sim::registers_of(thread).pc = program_text.value() + 0x104;
        sim::registers_of(thread).x[19] = 0x1234'5678;
        program();
        ADD_FAILURE() << "the app went on";
        exit_app(0, 0);
    });
    system.server().run();
    const auto exits = system.records<msg::ExitRecord>(FrameType::Exited);
    return {exits.empty() ? 0u : std::uint32_t{exits[0].status}, system.text(FrameType::Log)};
}

TEST(CrashTest, ANullPointerIsReportedWithAddressMappingSymbolAndRegisters) {
    const Ended ended = end_of([] { (void)touch(VirtualAddress{0x18}, Access::Read); });
    EXPECT_EQ(ended.status, 11u);
    EXPECT_THAT(ended.log, HasSubstr("SIGSEGV (segmentation fault) in thread 0: read from 0x18, in "
                                     "guard 0x0-0x10000 (---)"));
    EXPECT_THAT(ended.log, HasSubstr("at middle+0x4, pc 0x10000104, in text "
                                     "0x10000000-0x10002000 (r-x)"));
    EXPECT_THAT(ended.log, HasSubstr("x19 0x0000000012345678"));
}

TEST(CrashTest, AWriteToTextAndAJumpToDataNameWhatIsAllowedThere) {
    EXPECT_THAT(end_of([] { (void)touch(program_text, Access::Write); }).log,
                HasSubstr("write to 0x10000000, in text 0x10000000-0x10002000 (r-x)"));
    EXPECT_THAT(end_of([] { (void)touch(program_data, Access::Fetch); }).log,
                HasSubstr("instruction fetch from 0x10002000, in data"));
}

TEST(CrashTest, TheReportTellsAreaAndRegionApart) {
    EXPECT_THAT(end_of([] { (void)touch(native::mmap_base, Access::Write); }).log,
                HasSubstr(", in mmap 0x1000000000-0x7000000000, where nothing is mapped (---)"));
}

TEST(CrashTest, AnIllegalInstructionAndABreakpointAreTheirSignals) {
    const Ended illegal = end_of([] { inprocess::raise_user_exception(syndrome_undefined, 0); });
    EXPECT_EQ(illegal.status, 4u);
    EXPECT_THAT(illegal.log, HasSubstr("SIGILL"));
    EXPECT_EQ(end_of([] { inprocess::raise_user_exception(syndrome_breakpoint, 0); }).status, 5u);
}

TEST(CrashTest, ASystemCallThatWasNotRewrittenEndsTheApp) {
    const Ended ended = end_of([] { inprocess::raise_unknown_syscall(0x77); });
    EXPECT_EQ(ended.status, 31u);
    EXPECT_THAT(ended.log, HasSubstr("SIGSYS"));
    EXPECT_THAT(ended.log, HasSubstr("x7 was 0x77"));
}

}  // namespace
}  // namespace kos::rootserver

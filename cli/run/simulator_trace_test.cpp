// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The trace that the root server tells is held to what the simulated kernel saw: nothing is left
// out, and nothing is told that was not done. A real kernel cannot be asked; that the root server
// tells the same there, the sel4 tests of tests/e2e show.

#include "cli/fixture/answer_image.hpp"
#include "cli/report/system_image.hpp"
#include "cli/run/session.hpp"
#include "cli/trace/log.hpp"
#include "hostsim/kernel/hooks.hpp"
#include "hostsim/machine/machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kos::run {
namespace {

using Lines = std::vector<std::string>;

/// What the root server says of itself.
class Told final : public Listener {
   public:
    explicit Told(const manifest::ImageView& image)
        : log_(image, [this](std::string_view line) { lines.emplace_back(line); }) {}
    void app_output(std::uint8_t /*app*/, bool /*is_error*/, Bytes /*bytes*/) override {}
    void log(std::string_view line) override { ADD_FAILURE() << line; }
    void console(std::string_view line) override { ADD_FAILURE() << line; }
    void trace(Bytes records) override { log_.receive(records); }

    Lines lines;

   private:
    trace::Log log_;
};

/// What the simulated kernel sees.
class Seen final : public sim::InvocationListener {
   public:
    explicit Seen(const manifest::ImageView& image) : describer_(image, sel4::default_abi()) {}
    void invoked(const sim::InvocationReport& report) override {
        ASSERT_TRUE(report.invocation);
        std::vector<sel4::CPtr> caps;
        for (const sel4::Word cap : report.extra_caps) caps.push_back({cap});
        const auto line = describer_.describe(
            {*report.invocation, report.error, report.target, report.arguments, caps});
        if (line) lines.push_back(*line);
    }

    Lines lines;

   private:
    trace::Describer describer_;
};

sim::RunSummary run_traced(Bytes image, bool is_traced, Session& session, Seen& seen) {
    sim::MachineOptions options;
    options.host_time_limit = std::chrono::seconds{120};
    options.console = [&](Bytes bytes) { session.receive(bytes); };
    options.trace_root_server = is_traced;
    options.invocations = &seen;
    return must(sim::Machine::create(options, image, "image"), "it was just packed")->run();
}

TEST(SimulatorTraceTest, TheRootServerTellsEveryInvocationThatTheKernelSees) {
    const auto image = fixture::answer_image(KOS_TARGET_DIR);
    const auto view = must(report::open_system_image(image, "image"), "it was just packed");
    Told told{view};
    Seen seen{view};
    Session session{told};
    run_traced(image, true, session, seen);
    ASSERT_TRUE(session.finished());
    EXPECT_EQ(session.missing_frames(), 0u);

    Lines invocations;
    std::copy_if(told.lines.begin(), told.lines.end(), std::back_inserter(invocations),
                 [](const std::string& line) { return !line.starts_with("fault: "); });
    EXPECT_GT(invocations.size(), 100u);
    // The root server's last deed, once all is told.
    invocations.emplace_back("TCB_Suspend root.tcb = no error");
    const auto differs =
        std::mismatch(invocations.begin(), invocations.end(), seen.lines.begin(), seen.lines.end());
    EXPECT_EQ(differs.first, invocations.end()) << "told: " << *differs.first;
    EXPECT_EQ(differs.second, seen.lines.end()) << "seen: " << *differs.second;
}

TEST(SimulatorTraceTest, ATraceNamesObjects) {
    const auto image = fixture::answer_image(KOS_TARGET_DIR);
    const auto view = must(report::open_system_image(image, "image"), "it was just packed");
    Told told{view};
    Seen seen{view};
    Session session{told};
    run_traced(image, true, session, seen);
    using ::testing::Contains;
    EXPECT_THAT(told.lines,
                Contains("ARM_ASIDPool_Assign root.asid-pool answer.VSpace = no error"));
    EXPECT_THAT(told.lines,
                Contains("TCB_WriteRegisters answer.TCB[0] pc 0x7000000000 sp 0x7010203000 x0 "
                         "0x7010203000 = no error"));
    EXPECT_THAT(told.lines, Contains("CNode_Mint root.endpoint[0] -> answer.cspace[8] -wp badge "
                                     "0x10000 = no error"));
    // Whatever is used has a name; a slot that something is put into has none yet.
    for (const std::string& line : told.lines) {
        const std::size_t unnamed = line.find("a free slot");
        if (unnamed == std::string::npos) continue;
        EXPECT_EQ(line.find("-> a free slot"), unnamed - 3) << line;
    }
}

TEST(SimulatorTraceTest, ARunThatIsNotTracedMakesTheSameInvocations) {
    const auto image = fixture::answer_image(KOS_TARGET_DIR);
    const auto view = must(report::open_system_image(image, "image"), "it was just packed");
    Lines first;
    for (const bool is_traced : {true, false}) {
        Told told{view};
        Seen seen{view};
        Session session{told};
        run_traced(image, is_traced, session, seen);
        EXPECT_EQ(told.lines.empty(), !is_traced);
        if (is_traced) first = seen.lines;
        EXPECT_EQ(first, seen.lines);
    }
}

}  // namespace
}  // namespace kos::run

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The whole way: a layout is packed with the real root server and libos and run in the simulator.

#include "cli/run/simulator.hpp"

#include "cli/fixture/elf_builder.hpp"
#include "cli/fixture/layout_builder.hpp"
#include "cli/fixture/tar_builder.hpp"
#include "cli/pack/pack.hpp"
#include "cli/report/manifest.hpp"
#include "cli/report/system_image.hpp"
#include "cli/run/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kos::run {
namespace {

struct Log final : Listener {
    std::string text;
    void app_output(bool /*is_error*/, Bytes /*bytes*/) override {}
    void log(std::string_view line) override { text.append(line).append("\n"); }
    void console(std::string_view line) override { text.append(line).append("\n"); }
};

/// An app whose program is `mov x0, 42; mov x8, 93 (exit); svc 0`.
std::vector<std::byte> system_image(unsigned heap_pages = 64) {
    fixture::ElfBuilder elf = fixture::ElfBuilder::program();
    elf.segments[0].content = std::string{"\x40\x05\x80\xd2\xa8\x0b\x80\xd2\x01\x00\x00\xd4", 12};
    fixture::LayoutBuilder layout;
    layout.config["config"]["Labels"] = {
        {"com.koskit.app.name", "answer"},
        {"com.koskit.app.spec.heap_pages", std::to_string(heap_pages)}};
    layout.layer(fixture::TarBuilder{}.file("hello", elf.build(), 0755).finish());
    const auto reference = must(oci::parse_reference(layout.write()), "it is one");
    auto image = must(oci::load_image(reference), "it is good");
    const auto programs = must(pack::load_target_programs(KOS_TARGET_DIR), "they were built");
    return must(pack::pack(std::move(image), {}, programs), "it can be packed").image;
}

SimulatorOptions repeatable() {
    SimulatorOptions options;
    options.seed = 1;
    options.timeout = std::chrono::seconds{120};
    return options;
}

TEST(SimulatorTest, AnAppRunsAndItsStatusComesBack) {
    const auto image = system_image();
    Log log;
    Session session{log};
    const auto ran = run_in_simulator(image, "image", repeatable(), session);
    ASSERT_TRUE(ran) << to_string(ran.error()) << log.text;
    ASSERT_TRUE(session.apps().at(0).exit) << log.text;
    EXPECT_EQ(exit_status_of(session.apps().at(0).exit->status), 42);
    EXPECT_EQ(session.missing_frames(), 0u);
}

TEST(SimulatorTest, WhatIsUsedIsWhatWasPredictedAndAllOfItComesBack) {
    const auto image = system_image();
    Log log;
    Session session{log};
    ASSERT_TRUE(run_in_simulator(image, "image", repeatable(), session)) << log.text;
    const auto view = must(report::open_system_image(image, "image"), "it was just packed");
    const auto report = report_of(view, session);
    EXPECT_EQ(report.at("apps").at(0).at("manifest"),
              report::to_json(report::predicted(view, 0, sel4::default_abi())));
    EXPECT_EQ(report.at("inventory").at("before"), report.at("inventory").at("after"));
}

TEST(SimulatorTest, TooLittleUntypedMemoryIsReportedInBytes) {
    const auto image = system_image(2048);
    SimulatorOptions options = repeatable();
    options.memory = 8 << 20;  // the root server fits, the app does not
    Log log;
    Session session{log};
    (void)run_in_simulator(image, "image", options, session);
    EXPECT_FALSE(session.apps().contains(0) && session.apps().at(0).usage);
    EXPECT_NE(log.text.find("KOS-E-UNTYPED: there is not enough untyped memory"), std::string::npos)
        << log.text;
    EXPECT_THAT(log.text, ::testing::ContainsRegex("[1-9][0-9]+ bytes are missing"));
}

}  // namespace
}  // namespace kos::run

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The whole way: a layout is packed with the real root server and libos and run in the simulator.

#include "cli/run/simulator.hpp"

#include "cli/fixture/answer_image.hpp"
#include "cli/report/manifest.hpp"
#include "cli/report/system_image.hpp"
#include "cli/run/report.hpp"
#include "cli/run/testing/heard_apps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kos::run {
namespace {

SimulatorOptions repeatable() {
    SimulatorOptions options;
    options.seed = 1;
    options.timeout = std::chrono::seconds{120};
    return options;
}

TEST(SimulatorTest, AnAppRunsAndItsStatusComesBack) {
    const auto image = fixture::answer_image(KOS_TARGET_DIR);
    HeardApps log;
    Session session{log};
    const auto ran = run_in_simulator(image, "image", repeatable(), session);
    ASSERT_TRUE(ran) << to_string(ran.error()) << log.text;
    ASSERT_TRUE(session.apps().at(0).exit) << log.text;
    EXPECT_EQ(exit_status_of(session.apps().at(0).exit->status), 42);
    EXPECT_EQ(session.missing_frames(), 0u);
}

TEST(SimulatorTest, AppsOfOneImageRunBesideEachOtherEachAsPredicted) {
    for (const unsigned count : {2u, 3u}) {
        std::vector<fixture::Speaker> speakers;
        for (unsigned i = 0; i < count; ++i) {
            const std::string name = "app" + std::to_string(i);
            speakers.push_back({name, "this is " + name + "\n", static_cast<std::uint8_t>(i)});
        }
        const auto image = fixture::speakers_image(KOS_TARGET_DIR, speakers);
        HeardApps heard;
        Session session{heard};
        const auto ran = run_in_simulator(image, "image", repeatable(), session);
        ASSERT_TRUE(ran) << to_string(ran.error()) << heard.text;
        const auto view = must(report::open_system_image(image, "image"), "it was just packed");
        const auto report = report_of(view, image, session);
        EXPECT_EQ(report.at("inventory").at("before"), report.at("inventory").at("after"));
        ASSERT_EQ(session.apps().size(), count) << heard.text;
        for (unsigned i = 0; i < count; ++i) {
            EXPECT_EQ(heard.output[static_cast<int>(i)], speakers[i].text) << heard.text;
            const AppRecord& app = session.apps().at(static_cast<std::uint8_t>(i));
            ASSERT_TRUE(app.exit) << heard.text;
            EXPECT_EQ(exit_status_of(app.exit->status), static_cast<int>(i));
            EXPECT_EQ(report.at("apps").at(i).at("manifest"),
                      report::to_json(report::predicted(view, i, sel4::default_abi())));
        }
    }
}

TEST(SimulatorTest, WhatIsUsedIsWhatWasPredictedAndAllOfItComesBack) {
    const auto image = fixture::answer_image(KOS_TARGET_DIR);
    HeardApps log;
    Session session{log};
    ASSERT_TRUE(run_in_simulator(image, "image", repeatable(), session)) << log.text;
    const auto view = must(report::open_system_image(image, "image"), "it was just packed");
    const auto report = report_of(view, image, session);
    EXPECT_EQ(report.at("apps").at(0).at("manifest"),
              report::to_json(report::predicted(view, 0, sel4::default_abi())));
    EXPECT_EQ(report.at("inventory").at("before"), report.at("inventory").at("after"));
}

TEST(SimulatorTest, TooLittleUntypedMemoryIsReportedInBytes) {
    const auto image = fixture::answer_image(KOS_TARGET_DIR, 2048);
    SimulatorOptions options = repeatable();
    options.memory = 8 << 20;  // the root server fits, the app does not
    HeardApps log;
    Session session{log};
    (void)run_in_simulator(image, "image", options, session);
    EXPECT_FALSE(session.apps().contains(0) && session.apps().at(0).usage);
    ASSERT_TRUE(session.apps().contains(0) && session.apps().at(0).failure) << log.text;
    const Error& failure = *session.apps().at(0).failure;
    EXPECT_EQ(failure.code, ErrorCode::UntypedTooSmall);
    EXPECT_THAT(failure.detail, ::testing::ContainsRegex("[1-9][0-9]+ bytes are missing"));
}

}  // namespace
}  // namespace kos::run

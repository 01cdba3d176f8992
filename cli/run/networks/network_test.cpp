// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Services that talk through a message server, in the simulator: unchanged Linux programs, the real
// root server, libos and message server.
#include "cli/report/manifest.hpp"
#include "cli/report/system_image.hpp"
#include "cli/run/report.hpp"
#include "cli/run/simulator.hpp"
#include "systems.hpp"  // beside the tests, of no library

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kos::run {
namespace {

using ::testing::HasSubstr;

struct NetworkTest : ::testing::Test {
    HeardApps heard;
    Session session{heard};

    void run(const std::vector<std::byte>& image) {
        SimulatorOptions options;
        options.seed = 1;
        options.timeout = std::chrono::seconds{60};
        const auto ran = run_in_simulator(image, "image", options, session);
        ASSERT_TRUE(ran) << to_string(ran.error()) << heard.text;
        const auto view = must(report::open_system_image(image, "image"), "it was just packed");
        const auto report = report_of(view, image, session);
        EXPECT_EQ(report.at("inventory").at("before"), report.at("inventory").at("after"));
        for (std::uint32_t app = 0; app < view.app_count(); ++app) {
            EXPECT_EQ(report.at("apps").at(app).at("manifest"),
                      report::to_json(report::predicted(view, app, sel4::default_abi())));
        }
    }
    int status_of(std::uint8_t app) {
        const auto& exit = session.apps().at(app).exit;
        return exit ? exit_status_of(exit->status) : -1;
    }
    static std::string program(const std::string& name) {
        return std::string{KOS_TEST_PROGRAMS} + "/" + name;
    }
};

TEST_F(NetworkTest, TwoServicesExchangeMessages) {
    run(messages_example(KOS_TARGET_DIR, KOS_TEST_PROGRAMS));
    EXPECT_EQ(heard.output[1], expected_of_server) << heard.text;
    EXPECT_EQ(heard.output[2], expected_of_client) << heard.text;
    EXPECT_EQ(status_of(1), 0);
    EXPECT_EQ(status_of(2), 0);
}

TEST_F(NetworkTest, UnchangedProgramsConnectByNameAndOnlyWithinTheirNetwork) {
    run(back_tier(
        KOS_TARGET_DIR,
        {{"server", program("busybox"), {"nc", "-l", "-p", "80"}, {"back-tier"}, "", 80},
         {"stranger", program("busybox"), {"nc", "10.89.0.2", "80"}, {"apart"}, "", 0, "server"},
         {"client",
          program("busybox"),
          {"wget", "-O", "-", "http://server/page"},
          {"back-tier"},
          "",
          0,
          "server"}}));
    EXPECT_THAT(heard.output[1], HasSubstr("GET /page HTTP/1.1")) << heard.text;
    EXPECT_THAT(heard.output[2], HasSubstr("Connection refused")) << heard.text;
    EXPECT_EQ(status_of(2), 1);
}

}  // namespace
}  // namespace kos::run

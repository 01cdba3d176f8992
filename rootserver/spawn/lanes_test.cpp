// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Lanes as a message server asks for them: given and taken whole, and only to its own apps.
#include "rootserver/testing/refuse_one.hpp"
#include "rootserver/testing/test_system.hpp"

#include <gtest/gtest.h>

namespace kos::rootserver {
namespace {

using namespace testing;
using native::Request;

constexpr sel4::Word no_entry = 2, no_process = 3, no_memory = 12;

constexpr sel4::Word in_start(sel4::Word number, sel4::Word starts) {
    return number | starts << 32;
}

struct LanesTest : ::testing::Test {
    LanesTest() {
        // They end once the server has, which runs before them.
        system.set_app([](sim::Thread&) { exit_app(0, 0); });
    }

    /// Runs \p program as the server of apps 1 and 2, which are in their start number \p starts.
    void run_server(const std::function<void(sel4::Word starts)>& program) {
        system.kernel().set_program(program_text, [&](sim::Thread&) {
            program(starts_);
            exit_app(0, 0);
        });
        Supervisor& supervisor = system.server().supervisor();
        for (std::uint8_t app = 0; app < 3; ++app) ASSERT_TRUE(supervisor.start_app(app));
        supervisor.serve();
        ++starts_;
    }
    static sel4::Word give(sel4::Word app, sel4::Word peer, sel4::Word channel = 0,
                           sel4::Word lane = 0) {
        return request(0, Request::GiveLane, {app, channel | lane << 32, peer}).label;
    }
    static sel4::Word take(sel4::Word app, sel4::Word channel = 0) {
        return request(0, Request::TakeLane, {app, channel}).label;
    }

    RefuseOne injector;
    TestSystem system{make_test_image({{.is_message_server = true}, TestApp{}, TestApp{}}),
                      {.failures = &injector}};

   private:
    sel4::Word starts_ = 1;
};

TEST_F(LanesTest, OneIsGivenToAppsOfTheServerInTheStartThatItNames) {
    ASSERT_TRUE(system.boot());
    run_server([](sel4::Word starts) {
        const sel4::Word one = in_start(1, starts), other = in_start(2, starts);
        EXPECT_EQ(give(one, other), 0u);
        EXPECT_EQ(give(one, other), no_memory) << "it has one there";
        EXPECT_EQ(take(one), 0u) << "and of the second try nothing is left";
        EXPECT_EQ(give(one, other), 0u);
        EXPECT_EQ(give(other, one), 0u);
        EXPECT_EQ(give(one, other, 15, 1), 0u);
        EXPECT_EQ(take(one), 0u);
        EXPECT_EQ(take(one), 0u) << "it has none any more";

        EXPECT_EQ(give(in_start(1, starts + 1), other), no_process);
        EXPECT_EQ(give(one, in_start(2, starts + 1)), no_process);
        EXPECT_EQ(give(in_start(0, starts), other), no_process) << "the server itself";
        EXPECT_EQ(give(in_start(3, starts), other), no_process) << "there is no such app";
        EXPECT_EQ(give(one, other, 16), no_entry);
        EXPECT_EQ(give(one, other, 1, 2), no_entry);
    });
}

TEST_F(LanesTest, AnAppCannotGiveItselfOne) {
    ASSERT_TRUE(system.boot());
    system.set_app([](sim::Thread&) {
        EXPECT_EQ(give(in_start(1, 1), in_start(2, 1)), no_process);
        exit_app(0, 0);
    });
    run_server([](sel4::Word) {});
}

TEST_F(LanesTest, WhereTheKernelRefusesAStepNothingIsLeft) {
    ASSERT_TRUE(system.boot());
    const msg::InventoryRecord before = system.server().memory().inventory();
    int nth = 0;
    for (bool is_refused = true; is_refused; ++nth) {
        ASSERT_LT(nth, 100);
        run_server([&](sel4::Word starts) {
            const sel4::Word one = in_start(1, starts), other = in_start(2, starts);
            injector.armed = true;
            injector.left = nth;
            injector.refused = std::nullopt;
            const sel4::Word given = give(one, other);
            const bool give_was_refused = injector.refused.has_value();
            EXPECT_EQ(given, give_was_refused ? no_memory : 0u) << nth;
            // Refused once, it is tried once more.
            EXPECT_EQ(take(one), 0u) << nth;
            is_refused = injector.refused.has_value();
            injector.armed = false;
            EXPECT_EQ(give(one, other), 0u) << nth;
        });
        const msg::InventoryRecord after = system.server().memory().inventory();
        ASSERT_EQ(as_text(bytes_of(before)), as_text(bytes_of(after))) << nth;
    }
    // A copy, a mapping and two threads' notifications; five deletions; and one time none.
    EXPECT_EQ(nth, 4 + 5 + 1);
}

}  // namespace
}  // namespace kos::rootserver

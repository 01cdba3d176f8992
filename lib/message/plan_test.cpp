// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/message/plan_builder.hpp"

#include <gtest/gtest.h>

#include <random>

namespace kos::message {
namespace {

std::vector<std::byte> small_plan() {
    return make_plan({{.app = 4,
                       .name = "server",
                       .addresses = {{0, 0x0a000001}, {3, 0x0a030001}},
                       .sockets = {{"msg0", 9}},
                       .publishes = {"a", "bc"}},
                      {.app = 5, .name = "client"}});
}

TEST(MessagePlanTest, IsReadAsItWasMade) {
    const auto blob = small_plan();
    const auto plan = PlanView::create(blob);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->member_count(), 2u);
    const PlanMember server = plan->member(0);
    EXPECT_EQ(server.app, 4u);
    EXPECT_EQ(plan->text(server.name), "server");
    EXPECT_EQ(plan->address(server.addresses, 1).network, 3u);
    EXPECT_EQ(plan->address(server.addresses, 1).ipv4, 0x0a030001u);
    EXPECT_EQ(plan->socket(server.sockets, 0).networks, 9u);
    EXPECT_EQ(plan->text(plan->socket(server.sockets, 0).name), "msg0");
    EXPECT_EQ(plan->text(server.publishes.first + 1), "bc");
    EXPECT_EQ(plan->member(1).publishes.count, 0u);
}

TEST(MessagePlanTest, EveryCutIsRefusedAndNoChangedByteIsReadBeyondTheBlob) {
    const auto blob = small_plan();
    for (std::size_t size = 0; size < blob.size(); ++size) {
        EXPECT_FALSE(PlanView::create(Bytes{blob}.first(size))) << size;
    }
    std::mt19937 random{1};
    for (int i = 0; i < 20'000; ++i) {
        std::vector<std::byte> changed = blob;
        for (int k = 0; k < 3; ++k) changed[random() % changed.size()] = std::byte(random());
        const auto plan = PlanView::create(changed);
        if (!plan) continue;
        for (std::uint32_t m = 0; m < plan->member_count(); ++m) {
            const PlanMember member = plan->member(m);
            EXPECT_LE(plan->text(member.name).size(), changed.size());
            for (std::uint32_t a = 0; a < member.addresses.count; ++a) {
                EXPECT_LT(plan->address(member.addresses, a).network, max_networks);
            }
        }
    }
}

}  // namespace
}  // namespace kos::message

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/ethernet/plan_builder.hpp"

#include <gtest/gtest.h>

namespace kos::ethernet {
namespace {

const std::vector<Member> two{{.app = 3, .name = "web", .mac = {2, 0, 0, 0, 0, 1}},
                              {.app = 5, .name = "db", .mac = {2, 0, 0, 0, 0, 2}}};

TEST(EthernetPlanTest, IsReadAsItWasMade) {
    const auto blob = make_plan(two);
    const auto plan = PlanView::create(blob);
    ASSERT_TRUE(plan);
    ASSERT_EQ(plan->member_count(), 2u);
    EXPECT_EQ(plan->member(1).app, 5u);
    EXPECT_EQ(plan->member(1).mac, two[1].mac);
    EXPECT_EQ(plan->name(0), "web");
    EXPECT_EQ(plan->name(1), "db");
}

TEST(EthernetPlanTest, EveryCutIsRefusedAndNoChangedByteIsReadBeyondTheBlob) {
    const auto blob = make_plan(two);
    for (std::size_t size = 0; size < blob.size(); ++size) {
        EXPECT_FALSE(PlanView::create(Bytes{blob}.first(size))) << size;
    }
    for (std::size_t at = 0; at < blob.size(); ++at) {
        auto changed = blob;
        changed[at] ^= std::byte{0xff};
        const auto plan = PlanView::create(changed);
        for (std::uint32_t m = 0; plan && m < plan->member_count(); ++m) {
            EXPECT_LE(plan->name(m).size(), blob.size());
        }
    }
}

TEST(EthernetPlanTest, MoreMembersThanASwitchHasPortsAreRefused) {
    EXPECT_TRUE(PlanView::create(make_plan(std::vector<Member>(max_members))));
    EXPECT_FALSE(PlanView::create(make_plan(std::vector<Member>(max_members + 1))));
}

}  // namespace
}  // namespace kos::ethernet

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/plan/gateway.hpp"

#include "lib/message/layout.hpp"
#include "lib/sel4/abi.hpp"
#include "lib/vm/layout.hpp"
#include "loader/caps/objects.hpp"
#include "loader/plan/message_server.hpp"
#include "loader/testing/elf_builder.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace kos::plan {
namespace {

struct GatewayPlanTest : ::testing::Test {
    std::vector<std::byte> bytes = kos::testing::small_program().build();
    PlacedImage program =
        must(place_program(must(elf::File::create(bytes), "well-formed")), "it fits");
    GatewayInputs inputs{.program = program,
                         .program_blob = 1,
                         .plan_blob = 2,
                         .plan_bytes = 5000,
                         .lent = lent_area(0, 0, 0)};
};

TEST_F(GatewayPlanTest, ItHasItsPlanAMailboxAndAnAreaAtItsMessageServer) {
    const auto plan = plan_gateway(inputs);
    ASSERT_TRUE(plan.ok());
    const auto at = [&](VirtualAddress address) {
        const auto found =
            std::find_if(plan->mappings.begin(), plan->mappings.end(),
                         [&](const auto& mapping) { return mapping.address == address.value(); });
        return found == plan->mappings.end() ? 0 : std::uint64_t{found->size};
    };
    EXPECT_EQ(at(message::plan_address), 2 * page_size);
    EXPECT_EQ(at(vm::mailbox_address), page_size);
    EXPECT_EQ(at(message::app_area(0)), message::area_size);
    EXPECT_EQ(plan->objects.tcbs, 1u);
    EXPECT_EQ(plan->objects.heap_frames, 0u);
    EXPECT_TRUE(caps::ObjectList::create(plan->objects, {}, sel4::default_abi()).fits());
}

TEST_F(GatewayPlanTest, MappingsThatMeetAreRefused) {
    inputs.lent.address = vm::mailbox_address.value();
    EXPECT_EQ(plan_gateway(inputs).error().problem, Problem::Overlap);
}

}  // namespace
}  // namespace kos::plan

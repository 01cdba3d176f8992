// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/plan/message_server.hpp"

#include "lib/message/layout.hpp"
#include "lib/sel4/abi.hpp"
#include "loader/caps/objects.hpp"
#include "loader/testing/elf_builder.hpp"

#include <gtest/gtest.h>

namespace kos::plan {
namespace {

using manifest::Mapping;
using manifest::MappingKind;

struct MessageServerPlanTest : ::testing::Test {
    std::vector<std::byte> bytes = kos::testing::small_program().build();
    PlacedImage program =
        must(place_program(must(elf::File::create(bytes), "well-formed")), "it fits");
    MessageServerInputs inputs{
        .program = program, .program_blob = 1, .plan_blob = 2, .plan_bytes = 5000, .members = 3};
};

TEST_F(MessageServerPlanTest, EachMemberHasBooksAndAnArea) {
    const auto plan = plan_message_server(inputs);
    ASSERT_TRUE(plan.ok());
    std::uint64_t books = 0, area = 0, blob = 0;
    for (const Mapping& mapping : plan->mappings) {
        if (mapping.kind == static_cast<std::uint8_t>(MappingKind::MessageBooks))
            books += mapping.size;
        if (mapping.kind == static_cast<std::uint8_t>(MappingKind::MessageArea))
            area += mapping.size;
        if (mapping.kind == static_cast<std::uint8_t>(MappingKind::MessagePlan))
            blob += mapping.size;
    }
    EXPECT_EQ(books, 3 * message::books_size);
    EXPECT_EQ(area, 3 * message::area_size);
    EXPECT_EQ(blob, 2 * page_size);
    EXPECT_TRUE(caps::ObjectList::create(plan->objects, {}, sel4::default_abi()).fits());
    EXPECT_EQ(plan->objects.cnode_bits, 8u);
}

TEST_F(MessageServerPlanTest, ASwitchKeepsMoreOfEachMember) {
    const auto before = plan_message_server(inputs);
    inputs.books_size = 64 * page_size;
    const auto plan = plan_message_server(inputs);
    ASSERT_TRUE(before.ok() && plan.ok());
    const std::uint64_t more = 3 * (64 - message::books_size / page_size);
    EXPECT_EQ(plan->objects.frames, before->objects.frames + more);
}

TEST_F(MessageServerPlanTest, TheCSpaceHasASlotForEachThreadOfEachMember) {
    for (std::uint32_t members = 1; members <= message::max_members; ++members) {
        const auto last = message::server_slot::notification(members - 1, native::max_threads - 1);
        EXPECT_LT(last.value, std::uint64_t{1} << message::server_cspace_bits(members));
    }
}

TEST_F(MessageServerPlanTest, NoMemberAndTooManyAreRefused) {
    for (const std::uint32_t members : {0u, message::max_members + 1}) {
        inputs.members = members;
        EXPECT_EQ(plan_message_server(inputs).error().problem, Problem::Members);
    }
}

TEST_F(MessageServerPlanTest, WhatIsLentLiesOneAfterAnother) {
    const Mapping lent = lent_area(4, 2, 1);
    EXPECT_EQ(lent.blob, 4u);
    EXPECT_EQ(lent.blob_offset, 2 * message::area_size);
    EXPECT_EQ(lent.address, message::app_area(1).value());
    EXPECT_EQ(lent.size, message::area_size);
}

}  // namespace
}  // namespace kos::plan

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/plan/vmm.hpp"

#include "lib/message/area.hpp"
#include "lib/sel4/abi.hpp"
#include "lib/vm/layout.hpp"
#include "loader/caps/objects.hpp"
#include "loader/plan/message_server.hpp"
#include "loader/testing/elf_builder.hpp"

#include <gtest/gtest.h>

#include <array>

namespace kos::plan {
namespace {

using manifest::Mapping;
using manifest::MappingKind;

constexpr std::uint64_t mebibyte = 1 << 20;

PlacedImage placed_vmm() {
    const std::vector<std::byte> bytes = kos::testing::small_program().build();
    return must(place_program(must(elf::File::create(bytes), "well-formed")), "it fits");
}

/// Debian's cloud kernel, a small initrd, kosinit's disk, a container's.
struct Fixture {
    PlacedImage program = placed_vmm();
    std::array<GuestBlob, 4> blobs{{{2, 27 * mebibyte + 12345, true},
                                    {3, mebibyte, false},
                                    {4, 4 * mebibyte, true},
                                    {5, 60 * mebibyte + 1, true}}};
    VmmInputs inputs{
        .program = program, .program_blob = 1, .blobs = blobs, .guest_memory = 256 * mebibyte};

    [[nodiscard]] VmmPlan plan() const { return must(plan_vmm(inputs), "the inputs are in range"); }
};

TEST(VmmPlanTest, TheGuestsMemoryIsAReservationOfItsOwn) {
    Fixture fixture;
    const VmmPlan small = fixture.plan();
    fixture.inputs.guest_memory = 512 * mebibyte;
    const VmmPlan large = fixture.plan();
    EXPECT_EQ(small.objects.guest_frames, 128u);
    EXPECT_EQ(large.objects.guest_frames, 256u);
    EXPECT_EQ(large.objects.frames, small.objects.frames);
    EXPECT_EQ(large.objects.page_tables, small.objects.page_tables);
    EXPECT_EQ(large.objects.large_frames, 0u);
}

TEST(VmmPlanTest, BesideTheGuestsMemoryAVmStaysWithinAMebibyte) {
    const VmmPlan plan = Fixture{}.plan();
    const auto objects = caps::ObjectList::create(plan.objects, {}, sel4::default_abi());
    EXPECT_TRUE(objects.fits());
    EXPECT_LE(objects.untyped_bytes(), mebibyte);
}

TEST(VmmPlanTest, EachProcessorHasItsThreadAndItsReply) {
    Fixture fixture;
    fixture.inputs.vcpus = 4;
    const VmmPlan plan = fixture.plan();
    EXPECT_EQ(plan.objects.vspaces, 2u);
    EXPECT_EQ(plan.objects.vcpus, 4u);
    EXPECT_EQ(plan.objects.tcbs, 5u);
    EXPECT_EQ(plan.objects.sched_contexts, 5u);
    EXPECT_EQ(plan.objects.replies, 4u);
}

TEST(VmmPlanTest, MappingsAreInOrderAndBlobsReadOnlyWithAnUnmappedPageBetween) {
    const VmmPlan plan = Fixture{}.plan();
    std::uint64_t end = 0;
    std::uint32_t blob = 0;
    std::uint64_t bytes = 0;
    for (const Mapping& mapping : plan.mappings) {
        EXPECT_GE(mapping.address, end);
        if (mapping.kind == static_cast<std::uint8_t>(MappingKind::GuestBlob)) {
            if (mapping.blob != blob) {
                EXPECT_GE(mapping.address, end + page_size);
            }
            EXPECT_EQ(mapping.access, manifest::access::read);
            blob = mapping.blob;
            bytes += mapping.file_size;
        }
        end = mapping.address + mapping.size;
    }
    EXPECT_EQ(bytes, 92 * mebibyte + 12346);
}

TEST(VmmPlanTest, VolumesTakeALargePageAndANotificationHoweverManyTheyAre) {
    Fixture fixture;
    const VmmPlan without = fixture.plan();
    fixture.inputs.has_volumes = true;
    const VmmPlan plan = fixture.plan();
    EXPECT_EQ(plan.objects.large_frames, 1u);
    EXPECT_EQ(plan.objects.notifications, without.objects.notifications + 1);
    EXPECT_EQ(plan.objects.frames, without.objects.frames);
    EXPECT_EQ(plan.objects.page_tables, without.objects.page_tables);
    const Mapping& memory = plan.mappings.items()[plan.mappings.size() - 4];
    EXPECT_EQ(memory.address, vm::volume_memory.value());
    EXPECT_EQ(memory.kind, static_cast<std::uint8_t>(MappingKind::VolumeMemory));
}

TEST(VmmPlanTest, AreasOfMessageServersAreSharedAndTakePageTablesAlone) {
    Fixture fixture;
    const VmmPlan without = fixture.plan();
    const std::array<Mapping, 2> lent{lent_area(0, 3, 0), lent_area(1, 0, 1)};
    fixture.inputs.lent = lent;
    const VmmPlan plan = fixture.plan();
    EXPECT_EQ(plan.mappings.size(), without.mappings.size() + 2);
    EXPECT_EQ(plan.objects.shared_frames - without.objects.shared_frames,
              2 * message::area_size / page_size);
    EXPECT_EQ(plan.objects.frames, without.objects.frames);
    EXPECT_GT(plan.objects.page_tables, without.objects.page_tables);
}

TEST(VmmPlanTest, AGuestOutOfRangeIsRefused) {
    Fixture fixture;
    for (const std::uint64_t memory : {std::uint64_t{0}, 15 * mebibyte, 17 * mebibyte + 4096,
                                       manifest::max_guest_memory + 2 * mebibyte}) {
        fixture.inputs.guest_memory = memory;
        EXPECT_EQ(plan_vmm(fixture.inputs).error().problem, Problem::Guest) << memory;
    }
    fixture.inputs.guest_memory = 64 * mebibyte;
    for (const std::uint32_t vcpus : {0u, 9u}) {
        fixture.inputs.vcpus = vcpus;
        EXPECT_EQ(plan_vmm(fixture.inputs).error().problem, Problem::Guest) << vcpus;
    }
}

}  // namespace
}  // namespace kos::plan

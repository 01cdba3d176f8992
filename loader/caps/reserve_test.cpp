// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The untyped allocator together with the kernel calls that its steps imply.
#include "loader/caps/reserve.hpp"

#include "loader/caps/fake_kernel_test.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <vector>

namespace kos::caps {
namespace {

constexpr std::uint64_t first_free_slot = 64;
constexpr std::uint64_t slot_count = 512;

/// A system with the given untypeds of ordinary memory and one of device memory.
struct System {
    explicit System(const std::vector<unsigned>& size_bits) {
        std::uint64_t slot = 1;
        std::uint64_t address = std::uint64_t{1} << 40;
        for (const unsigned bits : size_bits) {
            add(slot++, address, bits, false);
            address += std::uint64_t{1} << 40;
        }
        add(slot, 0x4000'0000, 30, true);
    }
    void add(std::uint64_t slot, std::uint64_t address, unsigned bits, bool is_device) {
        kernel.add(slot, bits);
        EXPECT_TRUE(untypeds.add(PhysicalAddress{address}, bits, is_device,
                                 sel4::Cap<sel4::Untyped>{slot}));
    }
    [[nodiscard]] Pools pools() { return {untypeds, slots}; }

    testing::FakeKernel kernel;
    std::array<UntypedNode, 512> nodes{};
    std::array<std::uint64_t, SlotAllocator::words_for(slot_count)> bitmap{};
    UntypedAllocator untypeds{nodes};
    SlotAllocator slots{{}, first_free_slot, slot_count, bitmap};
};

TEST(ReserveTest, ThePieceIsCutFromTheSmallestUntypedThatHoldsIt) {
    System system{{20, 14, 16}};
    const std::array<std::uint8_t, 1> wanted{13};
    const auto reservation = reserve(system.pools(), wanted);
    ASSERT_TRUE(reservation.ok());
    const UntypedNode& node = system.untypeds.node((*reservation)[0]);
    EXPECT_EQ(node.size_bits, 13);
    EXPECT_EQ(node.address.value(), std::uint64_t{2} << 40);
    EXPECT_EQ(system.kernel.calls(), 1u);
}

TEST(ReserveTest, TheShortfallIsWhatIsMissingInBytes) {
    System system{{14, 12}};
    const std::array<std::uint8_t, 2> wanted{14, 13};
    const auto reservation = reserve(system.pools(), wanted);
    ASSERT_FALSE(reservation.ok());
    EXPECT_EQ(reservation.error().reason, ReserveError::Reason::Memory);
    EXPECT_EQ(reservation.error().shortage.wanted, (1u << 14) + (1u << 13));
    EXPECT_EQ(reservation.error().shortage.free, (1u << 14) + (1u << 12));
    EXPECT_EQ(reservation.error().shortage.shortfall, 1u << 12);
    EXPECT_EQ(system.kernel.calls(), 0u);
}

TEST(ReserveTest, ScatteredMemoryIsReportedByThePiecesThatFindNoPlace) {
    System system{{13, 13}};
    const std::array<std::uint8_t, 1> wanted{14};
    const auto reservation = reserve(system.pools(), wanted);
    ASSERT_FALSE(reservation.ok());
    EXPECT_EQ(reservation.error().shortage.shortfall, 1u << 14);
}

TEST(ReserveTest, DeviceMemoryIsFoundByAddressAndNeverServesAsOrdinary) {
    System system{{12}};
    const auto device = reserve_device(system.pools(), PhysicalAddress{0x4803'2000}, 12);
    ASSERT_TRUE(device.ok());
    EXPECT_EQ(system.untypeds.node(*device).address, PhysicalAddress{0x4803'2000});
    EXPECT_FALSE(reserve_device(system.pools(), PhysicalAddress{0x4803'2000}, 12).ok());
    EXPECT_FALSE(reserve_device(system.pools(), PhysicalAddress{0x9000'0000}, 12).ok());
    EXPECT_EQ(system.untypeds.free_bytes(), 4096u);
    const std::array<std::uint8_t, 1> wanted{13};
    EXPECT_FALSE(reserve(system.pools(), wanted).ok());
    ASSERT_TRUE(release(system.pools(), *device).ok());
    EXPECT_EQ(system.kernel.untypeds(), 2u);
    EXPECT_EQ(system.slots.free_slots(), slot_count);
}

TEST(ReserveTest, TooFewSlotsIsAnErrorOfItsOwnAndLeavesNothing) {
    System system{{30}};
    ASSERT_TRUE(system.slots.allocate(slot_count - 4).has_value());
    const std::array<std::uint8_t, 1> wanted{12};
    const auto reservation = reserve(system.pools(), wanted);
    ASSERT_FALSE(reservation.ok());
    EXPECT_EQ(reservation.error().reason, ReserveError::Reason::Slots);
    EXPECT_EQ(system.slots.free_slots(), 4u);
    EXPECT_EQ(system.kernel.untypeds(), 2u);
}

TEST(ReserveTest, WhicheverCallFailsNothingIsLeaked) {
    const std::array<std::uint8_t, 4> wanted{13, 16, 12, 15};
    for (std::uint64_t number = 0;; ++number) {
        System system{{20, 13}};
        const std::uint64_t free = system.untypeds.free_bytes();
        system.kernel.refuse(number);
        const auto reservation = reserve(system.pools(), wanted);
        if (reservation.ok()) {
            EXPECT_GE(number, 4u);
            break;
        }
        EXPECT_EQ(reservation.error().reason, ReserveError::Reason::Kernel);
        EXPECT_EQ(reservation.error().failure.invocation, sel4::Invocation::UntypedRetype);
        EXPECT_EQ(system.untypeds.free_bytes(), free);
        EXPECT_EQ(system.slots.free_slots(), slot_count);
        EXPECT_EQ(system.kernel.untypeds(), 3u);
    }
}

/// A list of pieces, and what was reserved for it.
struct Held {
    Reservation reservation;
    std::uint64_t bytes;
};

void check_no_overlap(const System& system, const std::vector<Held>& held) {
    std::vector<UntypedNode> nodes;
    for (const Held& entry : held) {
        for (const NodeId id : entry.reservation) nodes.push_back(system.untypeds.node(id));
    }
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        RC_ASSERT(nodes[i].address.is_aligned(nodes[i].size()));
        for (std::size_t j = 0; j < i; ++j) {
            RC_ASSERT(!ranges_overlap(nodes[i].address.value(), nodes[i].size(),
                                      nodes[j].address.value(), nodes[j].size()));
        }
    }
}

RC_GTEST_PROP(ReserveTest, PiecesNeverOverlapAndEverythingComesBackInAnyOrder, ()) {
    const auto sizes =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<unsigned>>(rc::gen::inRange(12u, 22u)));
    RC_PRE(sizes.size() <= 8);
    System system{sizes};
    const std::uint64_t all = system.untypeds.free_bytes();
    const std::size_t untypeds = system.kernel.untypeds();

    std::vector<Held> held;
    std::uint64_t taken = 0;
    for (int round = *rc::gen::inRange(1, 30); round > 0; --round) {
        if (!held.empty() && *rc::gen::inRange(0, 3) == 0) {
            const auto victim = *rc::gen::inRange<std::size_t>(0, held.size());
            RC_ASSERT(release(system.pools(), held[victim].reservation).ok());
            taken -= held[victim].bytes;
            held.erase(held.begin() + static_cast<std::ptrdiff_t>(victim));
        } else {
            const auto wanted = *rc::gen::container<std::vector<std::uint8_t>>(
                *rc::gen::inRange<std::size_t>(1, 6), rc::gen::inRange<std::uint8_t>(10, 20));
            std::uint64_t bytes = 0;
            for (const std::uint8_t bits : wanted) bytes += std::uint64_t{1} << bits;
            const std::uint64_t free = system.untypeds.free_bytes();
            const auto reservation = reserve(system.pools(), wanted);
            if (reservation) {
                held.push_back({*reservation, bytes});
                taken += bytes;
            } else {
                RC_ASSERT(reservation.error().shortage.wanted == bytes);
                RC_ASSERT(reservation.error().shortage.shortfall > 0);
                RC_ASSERT(bytes <= free || reservation.error().shortage.shortfall == bytes - free);
            }
        }
        check_no_overlap(system, held);
        RC_ASSERT(system.untypeds.taken_bytes() == taken);
        RC_ASSERT(system.untypeds.free_bytes() == all - taken);
    }
    for (const Held& entry : held) RC_ASSERT(release(system.pools(), entry.reservation).ok());
    RC_ASSERT(system.untypeds.free_bytes() == all);
    RC_ASSERT(system.kernel.untypeds() == untypeds);
    RC_ASSERT(system.slots.free_slots() == slot_count);
}

}  // namespace
}  // namespace kos::caps

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/gic/interrupts.hpp"

#include "vmm/gic/fake_injector.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

namespace kos::vmm {
namespace {

using Injected = std::vector<FakeInjector::Injected>;

struct InterruptsTest : testing::Test {
    InterruptsTest() {
        interrupts.set_forwarding(true);
        for (unsigned i = 0; i < Interrupts::count; ++i) {
            interrupts.set_enabled(i, true);
            interrupts.set_priority(i, 0xa0);
        }
    }
    FakeInjector injector;
    Interrupts interrupts{injector};
};

TEST_F(InterruptsTest, AnInterruptIsInjectedOnceWhateverItIsAskedFor) {
    interrupts.pend(27);
    interrupts.pend(27);
    EXPECT_EQ(injector.take(), (Injected{{0, 27, 20}}));
    EXPECT_TRUE(interrupts.is_outstanding(27));
    EXPECT_EQ(interrupts.ended(0), 27u);
    interrupts.deliver();
    EXPECT_EQ(injector.take(), (Injected{{0, 27, 20}})) << "it came again while it was active";
    interrupts.ended(0);
    interrupts.deliver();
    EXPECT_TRUE(injector.take().empty());
    EXPECT_FALSE(interrupts.is_outstanding(27));
}

TEST_F(InterruptsTest, ALevelThatIsStillThereComesAgainAfterItsEnd) {
    interrupts.set_level(40, true);
    EXPECT_EQ(injector.take().size(), 1u);
    interrupts.ended(0);
    interrupts.deliver();
    EXPECT_EQ(injector.take(), (Injected{{0, 40, 20}}));
    interrupts.set_level(40, false);
    interrupts.ended(0);
    interrupts.deliver();
    EXPECT_TRUE(injector.take().empty());
}

TEST_F(InterruptsTest, MoreThanThereAreListRegistersWaitForOne) {
    for (unsigned i = 32; i < 38; ++i) interrupts.pend(i);
    EXPECT_EQ(injector.take().size(), Interrupts::slots);
    EXPECT_EQ(interrupts.ended(2), 34u);
    interrupts.deliver();
    EXPECT_EQ(injector.take(), (Injected{{2, 36, 20}}));
}

TEST_F(InterruptsTest, TheMostUrgentGoesFirst) {
    interrupts.set_forwarding(false);
    interrupts.set_priority(50, 0x10);
    interrupts.pend(33);
    interrupts.pend(50);
    EXPECT_TRUE(injector.take().empty());
    interrupts.set_forwarding(true);
    interrupts.deliver();
    EXPECT_EQ(injector.take(), (Injected{{0, 50, 2}, {1, 33, 20}}));
}

TEST_F(InterruptsTest, WhatIsMaskedWaits) {
    interrupts.set_enabled(27, false);
    interrupts.pend(27);
    EXPECT_TRUE(injector.take().empty());
    EXPECT_TRUE(interrupts.is_pending(27));
    interrupts.set_enabled(27, true);
    interrupts.deliver();
    EXPECT_EQ(injector.take().size(), 1u);
}

TEST_F(InterruptsTest, AnInjectionThatIsRefusedIsTriedAgain) {
    injector.refuses = true;
    interrupts.pend(27);
    EXPECT_FALSE(interrupts.any_in_slots());
    injector.refuses = false;
    interrupts.deliver();
    EXPECT_EQ(injector.take().size(), 1u);
    EXPECT_TRUE(interrupts.any_in_slots());
}

TEST_F(InterruptsTest, AnEndOfNothingIsNothing) {
    EXPECT_EQ(interrupts.ended(0), std::nullopt);
    EXPECT_EQ(interrupts.ended(1000), std::nullopt);
}

RC_GTEST_PROP(InterruptsProperty, NoListRegisterHoldsTwoAndNoInterruptIsLost,
              (const std::vector<std::pair<std::uint8_t, std::uint8_t>>& operations)) {
    FakeInjector injector;
    Interrupts interrupts{injector};
    interrupts.set_forwarding(true);
    for (unsigned i = 0; i < Interrupts::count; ++i) interrupts.set_enabled(i, true);
    std::map<unsigned, unsigned> in_slot;
    std::set<unsigned> asked, seen;
    const auto collect = [&] {
        for (const auto& each : injector.take()) {
            RC_ASSERT(in_slot.emplace(each.slot, each.interrupt).second);
            seen.insert(each.interrupt);
        }
    };
    for (const auto& [kind, operand] : operations) {
        if (kind % 2 == 0) {
            asked.insert(operand % Interrupts::count);
            interrupts.pend(operand % Interrupts::count);
        } else if (const auto interrupt = interrupts.ended(operand % Interrupts::slots)) {
            RC_ASSERT(in_slot.at(operand % Interrupts::slots) == *interrupt);
            in_slot.erase(operand % Interrupts::slots);
            interrupts.deliver();
        }
        collect();
    }
    while (!in_slot.empty()) {
        const unsigned slot = in_slot.begin()->first;
        RC_ASSERT(interrupts.ended(slot).has_value());
        in_slot.erase(slot);
        interrupts.deliver();
        collect();
    }
    RC_ASSERT(seen == asked);
}

}  // namespace
}  // namespace kos::vmm

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/psci/psci.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace kos::vmm {
namespace {

TEST(PsciTest, TheVersionIsOneDotOne) {
    EXPECT_EQ(psci_call({0x84000000}).value, 0x10001u);
    EXPECT_EQ(psci_call({0x80000000}).value, 0x10001u);
}

TEST(PsciTest, FeaturesNamesWhatThereIs) {
    EXPECT_EQ(psci_call({0x8400000a, 0xc4000003}).value, psci_success);
    EXPECT_EQ(psci_call({0x8400000a, 0xc4000001}).value, psci_success);
    EXPECT_EQ(psci_call({0x8400000a, 0x80000000}).value, psci_success);
    EXPECT_EQ(psci_call({0x8400000a, 0x8400000e}).value, psci_not_supported);  // SYSTEM_SUSPEND
    EXPECT_EQ(psci_call({0x8400000a, 0xc4000008}).value, psci_not_supported);
}

TEST(PsciTest, AProcessorIsStartedWithItsEntryAndContext) {
    const PsciCall call = psci_call({0xc4000003, 1, 0x1'4020'0000, 0x1'0000'0007});
    EXPECT_EQ(call.effect, PsciEffect::CpuOn);
    EXPECT_EQ(call.target, 1u);
    EXPECT_EQ(call.entry, 0x1'4020'0000u);
    EXPECT_EQ(call.context, 0x1'0000'0007u);
    EXPECT_EQ(psci_call({0x84000003, 1, 0x1'4020'0000}).entry, 0x4020'0000u);
}

TEST(PsciTest, TheSystemCanBeSwitchedOffAndReset) {
    EXPECT_EQ(psci_call({0x84000008}).effect, PsciEffect::SystemOff);
    EXPECT_EQ(psci_call({0x84000009}).effect, PsciEffect::SystemReset);
    EXPECT_EQ(psci_call({0x84000002}).effect, PsciEffect::CpuOff);
    EXPECT_EQ(psci_call({0xc4000001}).effect, PsciEffect::Suspend);
    EXPECT_EQ(psci_call({0x84000006}).value, 2u);
}

TEST(PsciTest, TheUpperHalfOfTheFunctionNumberDoesNotCount) {
    EXPECT_EQ(psci_call({0xffff'ffff'8400'0008}).effect, PsciEffect::SystemOff);
}

RC_GTEST_PROP(PsciTest, WhatIsNotKnownIsNotSupported, (std::uint32_t number)) {
    RC_PRE((number & 0xbfff'ffe0) != 0x8400'0000u && number != 0x8000'0000u);
    const PsciCall call = psci_call({number, 1, 2, 3});
    RC_ASSERT(call.effect == PsciEffect::Answer);
    RC_ASSERT(call.value == psci_not_supported);
}

}  // namespace
}  // namespace kos::vmm

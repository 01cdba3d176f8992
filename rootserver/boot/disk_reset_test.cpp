// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/boot/disk_reset.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace kos::rootserver {
namespace {

/// A device that needs so many reads to be reset; none: it never is.
struct Status {
    std::optional<unsigned> needs;
    std::optional<unsigned> written{};
    unsigned reads = 0;

    Status& operator=(unsigned value) {
        written = value;
        return *this;
    }
    // NOLINTNEXTLINE(google-explicit-constructor): as a register is compared
    operator unsigned() { return ++reads > needs.value_or(~0u) && written == 0u ? 0 : 0xf; }
};

TEST(DiskResetTest, ADiskIsResetOnceItsStatusSaysSo) {
    Status at_once{0}, later{500};
    EXPECT_TRUE(reset_disk(at_once));
    EXPECT_EQ(at_once.reads, 1u);
    EXPECT_TRUE(reset_disk(later));
    EXPECT_EQ(later.reads, 501u);
}

TEST(DiskResetTest, OneThatNeverIsGivesThatAwayInTheEnd) {
    Status never{std::nullopt}, too_late{max_reset_reads};
    EXPECT_FALSE(reset_disk(never));
    EXPECT_EQ(never.reads, max_reset_reads);
    EXPECT_FALSE(reset_disk(too_late));
}

}  // namespace
}  // namespace kos::rootserver

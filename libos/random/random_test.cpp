// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/random/random.hpp"

#include <gtest/gtest.h>

#include <array>

namespace kos::libos {
namespace {

ChaChaKey counting_key() {
    ChaChaKey key;
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
    return key;
}

TEST(RandomTest, NeverRepeatsItself) {
    Random random{counting_key()};
    std::array<std::byte, 100> first{}, second{};
    random.fill(first);
    random.fill(second);
    EXPECT_NE(first, second);
    EXPECT_NE(first, (std::array<std::byte, 100>{}));
}

TEST(RandomTest, FollowsFromItsSeed) {
    Random one{counting_key()}, other{counting_key()};
    std::array<std::byte, 200> first{}, second{};
    one.fill(first);
    other.fill(second);
    EXPECT_EQ(first, second);
}

}  // namespace
}  // namespace kos::libos

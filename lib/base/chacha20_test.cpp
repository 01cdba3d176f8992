// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/base/chacha20.hpp"

#include <gtest/gtest.h>

namespace kos {
namespace {

TEST(ChaCha20Test, TheBlockOfTheStandardComesOut) {
    ChaChaKey key;
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
    const ChaChaNonce nonce{0, 0, 0, 9, 0, 0, 0, 0x4a};
    const ChaChaBlock block = chacha20_block(key, 1, nonce);
    // RFC 8439, §2.3.2: the first and last four bytes of the serialized block.
    EXPECT_EQ(block[0], 0x10);
    EXPECT_EQ(block[1], 0xf1);
    EXPECT_EQ(block[2], 0xe7);
    EXPECT_EQ(block[3], 0xe4);
    EXPECT_EQ(block[60], 0xa2);
    EXPECT_EQ(block[61], 0x50);
    EXPECT_EQ(block[62], 0x3c);
    EXPECT_EQ(block[63], 0x4e);
}

}  // namespace
}  // namespace kos

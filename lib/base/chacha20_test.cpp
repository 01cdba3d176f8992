// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/base/chacha20.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace kos {
namespace {

ChaChaKey counting_key() {
    ChaChaKey key;
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
    return key;
}

// RFC 8439, §2.3.2.
TEST(ChaCha20Test, GivesTheBlockOfTheSpecification) {
    const ChaChaNonce nonce{0, 0, 0, 9, 0, 0, 0, 0x4a};
    const ChaChaBlock expected{0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f, 0xdd,
                               0x1f, 0xa3, 0x20, 0x71, 0xc4, 0xc7, 0xd1, 0xf4, 0xc7, 0x33, 0xc0,
                               0x68, 0x03, 0x04, 0x22, 0xaa, 0x9a, 0xc3, 0xd4, 0x6c, 0x4e, 0xd2,
                               0x82, 0x64, 0x46, 0x07, 0x9f, 0xaa, 0x09, 0x14, 0xc2, 0xd7, 0x05,
                               0xd9, 0x8b, 0x02, 0xa2, 0xb5, 0x12, 0x9c, 0xd1, 0xde, 0x16, 0x4e,
                               0xb9, 0xcb, 0xd0, 0x83, 0xe8, 0xa2, 0x50, 0x3c, 0x4e};
    EXPECT_EQ(chacha20_block(counting_key(), 1, nonce), expected);
}

// RFC 8439, appendix A.1, test vector 1.
TEST(ChaCha20Test, GivesTheBlockOfAnEmptyKey) {
    const ChaChaBlock block = chacha20_block({}, 0, {});
    const std::array<std::uint8_t, 8> expected{0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90};
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), block.begin()));
}

}  // namespace
}  // namespace kos

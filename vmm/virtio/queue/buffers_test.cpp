// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/queue/buffers.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <vector>

namespace kos::virtio {
namespace {

struct Parts {
    explicit Parts(const std::vector<std::uint8_t>& sizes) {
        for (const std::uint8_t size : sizes) total += size;
        bytes.resize(total);
        std::size_t at = 0;
        for (const std::uint8_t size : sizes) {
            if (size != 0) parts.push_back(MutableBytes{bytes}.subspan(at, size));
            at += size;
        }
        for (std::size_t i = 0; i < total; ++i) bytes[i] = static_cast<std::byte>(i);
    }
    std::size_t total = 0;
    std::vector<std::byte> bytes;
    std::vector<MutableBytes> parts;
};

TEST(Buffers, ValuesAcrossPartsAreReadWhole) {
    const Parts parts{{1, 2, 3}};
    ReadableBuffers buffers{parts.parts, parts.total};
    EXPECT_EQ(buffers.read<std::uint32_t>(), 0x03020100u);
    EXPECT_EQ(buffers.read<std::uint32_t>(), std::nullopt);
    EXPECT_EQ(buffers.size(), 2u);
    EXPECT_EQ(buffers.read<std::uint16_t>(), 0x0504);
    EXPECT_TRUE(buffers.front().empty());
}

TEST(Buffers, AValueThatDoesNotFitIsNotWritten) {
    Parts parts{{1, 2}};
    WritableBuffers buffers{parts.parts, parts.total};
    EXPECT_FALSE(buffers.write_value(std::uint32_t{0xffffffff}));
    EXPECT_TRUE(buffers.write_value(std::uint16_t{0xffff}));
    EXPECT_EQ(parts.bytes[1], std::byte{0xff});
    EXPECT_EQ(parts.bytes[2], std::byte{2});
}

RC_GTEST_PROP(BuffersProperty, WhatIsTakenAndReadIsTheBytesInOrder,
              (const std::vector<std::uint8_t>& sizes, const std::vector<std::uint8_t>& steps)) {
    const Parts parts{sizes};
    ReadableBuffers buffers{parts.parts, parts.total};
    std::vector<std::byte> seen;
    for (const std::uint8_t step : steps) {
        ReadableBuffers taken = buffers.take(std::min<std::uint64_t>(step, buffers.size()));
        std::vector<std::byte> copy(taken.size());
        RC_ASSERT(taken.read(copy) == copy.size());
        RC_ASSERT(taken.empty());
        seen.insert(seen.end(), copy.begin(), copy.end());
    }
    RC_ASSERT(seen.size() + buffers.size() == parts.total);
    RC_ASSERT(std::equal(seen.begin(), seen.end(), parts.bytes.begin()));
}

RC_GTEST_PROP(BuffersProperty, WritingStopsAtTheLimitOfWhatWasTaken,
              (const std::vector<std::uint8_t>& sizes, std::uint16_t skipped,
               std::uint16_t limit)) {
    Parts parts{sizes};
    WritableBuffers buffers{parts.parts, parts.total};
    buffers.skip(skipped % (parts.total + 1));
    const std::uint64_t start = parts.total - buffers.size();
    WritableBuffers taken = buffers.take(limit % (buffers.size() + 1));
    const std::uint64_t end = start + taken.size();
    const std::vector<std::byte> source(parts.total + 1, std::byte{0xee});
    RC_ASSERT(taken.write(source) == end - start);
    for (std::size_t i = 0; i < parts.total; ++i) {
        const bool inside = i >= start && i < end;
        RC_ASSERT(parts.bytes[i] == (inside ? std::byte{0xee} : static_cast<std::byte>(i)));
    }
}

}  // namespace
}  // namespace kos::virtio

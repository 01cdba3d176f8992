// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/guest/memory.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <limits>
#include <vector>

namespace kos {
namespace {

constexpr GuestAddress low{0x1000};

struct Memory : testing::Test {
    Memory() {
        EXPECT_TRUE(memory.add(low, first).ok());
        EXPECT_TRUE(memory.add(low + 64, second).ok());
    }
    alignas(8) std::array<std::byte, 64> first{};
    alignas(8) std::array<std::byte, 32> second{};
    GuestMemory memory;
};

TEST_F(Memory, ValuesAreWrittenAndReadBack) {
    ASSERT_TRUE(memory.write(low + 3, std::uint32_t{0x12345678}).ok());
    EXPECT_EQ(memory.read<std::uint32_t>(low + 3).value(), 0x12345678u);
    EXPECT_EQ(first[3], std::byte{0x78});
    EXPECT_EQ(memory.size(), 96u);
}

TEST_F(Memory, AnAccessAcrossTwoRangesIsRefusedAsOneAndGivenInParts) {
    EXPECT_EQ(memory.bytes(low + 60, 8).error(), MemoryError::Outside);
    EXPECT_EQ(memory.part(low + 60, 8).value().size(), 4u);
    EXPECT_EQ(memory.part(low + 64, 8).value().data(), second.data());
}

TEST_F(Memory, NothingOutsideIsReached) {
    EXPECT_EQ(memory.bytes(low - 1, 1).error(), MemoryError::Outside);
    EXPECT_EQ(memory.bytes(low + 96, 1).error(), MemoryError::Outside);
    EXPECT_EQ(memory.bytes(low + 95, 2).error(), MemoryError::Outside);
    const auto all = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ(memory.bytes(low, all).error(), MemoryError::Outside);
    EXPECT_EQ(memory.bytes(GuestAddress{all}, all).error(), MemoryError::Outside);
}

TEST_F(Memory, RangesThatOverlapWrapOrAreEmptyAreRefused) {
    alignas(8) std::array<std::byte, 16> more{};
    EXPECT_EQ(memory.add(low + 88, more).error(), MemoryError::Overlap);
    EXPECT_EQ(memory.add(low - 8, more).error(), MemoryError::Overlap);
    EXPECT_TRUE(memory.add(low - 16, more).ok());
    EXPECT_EQ(memory.add(GuestAddress{~std::uint64_t{7}}, more).error(), MemoryError::Wrap);
    EXPECT_EQ(memory.add(low + 4097, more).error(), MemoryError::Unaligned);
    EXPECT_EQ(memory.add(low + 4096, {}).error(), MemoryError::Wrap);
}

TEST_F(Memory, TheNumberOfRangesIsBounded) {
    alignas(8) std::array<std::byte, 8> pool{};
    for (std::size_t i = 2; i < GuestMemory::max_ranges; ++i) {
        ASSERT_TRUE(memory.add(low + 4096 * i, pool).ok());
    }
    EXPECT_EQ(memory.add(low + 8, pool).error(), MemoryError::Overlap);
    EXPECT_EQ(memory.add(GuestAddress{0}, pool).error(), MemoryError::Full);
}

TEST_F(Memory, SharedWordsAreAlignedAndInMemory) {
    using Word = SharedWord<std::uint16_t>;
    const Word word = Word::create(memory, low + 2).value();
    word.store(0x0102);
    EXPECT_EQ(word.load(), 0x0102);
    EXPECT_EQ(first[2], std::byte{2});
    EXPECT_EQ(Word::create(memory, low + 1).error(), MemoryError::Unaligned);
    EXPECT_EQ(Word::create(memory, low + 96).error(), MemoryError::Outside);
}

RC_GTEST_FIXTURE_PROP(Memory, PartsLieWithinWhatWasAdded,
                      (std::uint64_t offset, std::uint64_t size)) {
    const GuestAddress start = low + offset % 128 - 16;
    const auto part = memory.part(start, size);
    RC_ASSERT(part.ok() == (start >= low && start < low + 96));
    if (!part) return;
    const std::byte* data = part.value().data();
    const bool in_first = start < low + 64;
    const std::byte* base = in_first ? first.data() : second.data();
    RC_ASSERT(data == base + (start - (in_first ? low : low + 64)));
    RC_ASSERT(data + part.value().size() <= base + (in_first ? 64 : 32));
}

}  // namespace
}  // namespace kos

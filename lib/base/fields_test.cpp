// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Tests of the small value types: fields, ranges, addresses, checksums, the catalogue.
#include "lib/base/address.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/crc32.hpp"
#include "lib/base/error.hpp"
#include "lib/base/little_endian.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>

namespace kos {
namespace {

TEST(LittleEndianTest, TheLeastSignificantByteComesFirst) {
    const Le32 field{0x11223344};
    const Bytes bytes = bytes_of(field);
    EXPECT_EQ(bytes[0], std::byte{0x44});
    EXPECT_EQ(bytes[3], std::byte{0x11});
    EXPECT_EQ(field, 0x11223344u);
}

TEST(CheckedTest, ARangeThatWrapsIsNotWithin) {
    constexpr auto max = std::numeric_limits<std::uint64_t>::max();
    EXPECT_TRUE(range_within(4, 4, 8));
    EXPECT_FALSE(range_within(5, 4, 8));
    EXPECT_FALSE(range_within(max, 2, 8));
    EXPECT_FALSE(range_within(2, max, 8));
    EXPECT_EQ(align_up<std::uint64_t>(max, 4096), std::nullopt);
    EXPECT_EQ(align_up<std::uint64_t>(4097, 4096), 8192u);
}

TEST(BytesTest, AValueThatIsNotWhollyThereIsNotRead) {
    const std::array<std::byte, 6> data{};
    EXPECT_TRUE(read_at<Le32>(data, 2).has_value());
    EXPECT_FALSE(read_at<Le32>(data, 3).has_value());
    EXPECT_FALSE(slice(data, 6, 1).has_value());
    EXPECT_TRUE(slice(data, 6, 0).has_value());
}

TEST(AddressTest, TheDifferenceOfTwoPointsIsASize) {
    const VirtualAddress start{0x1000};
    EXPECT_EQ((start + 0x234) - start, 0x234u);
    EXPECT_EQ((start + 0x234).aligned_down(page_size), start);
    EXPECT_EQ(VirtualAddress{std::numeric_limits<std::uint64_t>::max()}.plus(1), std::nullopt);
    EXPECT_EQ(pages_for(0), 0u);
    EXPECT_EQ(pages_for(4097), 2u);
}

TEST(Crc32Test, TheCheckValueOfTheStandardIsMet) {
    EXPECT_EQ(crc32(as_bytes("123456789")), 0xCBF43926u);
    EXPECT_EQ(crc32(as_bytes("6789"), crc32(as_bytes("12345"))), 0xCBF43926u);
}

TEST(ErrorCatalogueTest, EveryCodeIsUniqueAndSaysWhatToDo) {
    std::set<std::string_view> codes;
    for (const ErrorEntry& entry : error_catalogue) {
        EXPECT_TRUE(codes.insert(entry.code).second) << entry.code;
        EXPECT_TRUE(entry.code.starts_with("KOS-E-")) << entry.code;
        EXPECT_FALSE(entry.summary.empty()) << entry.code;
        EXPECT_FALSE(entry.cure.empty()) << entry.code;
    }
}

TEST(ErrorTest, AMessageNamesTheCodeThePlaceAndTheCure) {
    const std::string text = to_string({ErrorCode::BlobSize, "blobs/sha256/ab", "7 bytes, not 9"});
    EXPECT_EQ(text,
              "KOS-E-BLOB-SIZE: blobs/sha256/ab: a blob does not have the size its descriptor "
              "states: 7 bytes, not 9\n"
              "  what to do: copy the image again: the blob was cut short or altered");
}

}  // namespace
}  // namespace kos

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/boot/image.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace kos::vmm {
namespace {

KernelHeader kernel() {
    KernelHeader header;
    header.magic = KernelHeader::expected_magic;
    header.image_size = std::uint64_t{0x200000};
    header.flags = std::uint64_t{0xa};
    return header;
}

TEST(KernelImageTest, AKernelTakesWhatItsHeaderSays) {
    KernelHeader header = kernel();
    header.text_offset = std::uint64_t{0x80000};
    const auto place = place_kernel(bytes_of(header));
    ASSERT_TRUE(place);
    EXPECT_EQ(place->offset, 0x80000u);
    EXPECT_EQ(place->end, 0x280000u);
}

TEST(KernelImageTest, WhatIsNoKernelIsRefused) {
    EXPECT_EQ(place_kernel({}).error(), KernelError::Truncated);
    KernelHeader header = kernel();
    header.magic = 0u;
    EXPECT_EQ(place_kernel(bytes_of(header)).error(), KernelError::Magic);
    header = kernel();
    header.flags = std::uint64_t{1};
    EXPECT_EQ(place_kernel(bytes_of(header)).error(), KernelError::Endianness);
    header = kernel();
    header.image_size = std::uint64_t{10};
    EXPECT_EQ(place_kernel(bytes_of(header)).error(), KernelError::Size);
    header = kernel();
    header.image_size = ~std::uint64_t{0};
    header.text_offset = std::uint64_t{0x80000};
    EXPECT_EQ(place_kernel(bytes_of(header)).error(), KernelError::Size);
    for (const KernelError error :
         {KernelError::Truncated, KernelError::Magic, KernelError::Endianness, KernelError::Size}) {
        EXPECT_NE(describe(error), "unknown error");
    }
}

RC_GTEST_PROP(KernelImageProperty, APlaceHoldsTheWholeImage, (const std::vector<char>& tail)) {
    auto header = kernel();
    header.text_offset = *rc::gen::arbitrary<std::uint64_t>();
    header.image_size = *rc::gen::arbitrary<std::uint64_t>();
    std::vector<std::byte> image(sizeof header + tail.size());
    std::memcpy(image.data(), &header, sizeof header);
    if (const auto place = place_kernel(image)) {
        RC_ASSERT(place->end >= place->offset + image.size());
    }
}

}  // namespace
}  // namespace kos::vmm

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/image_builder.hpp"

#include "cli/oci/digest.hpp"
#include "lib/base/address.hpp"
#include "lib/manifest/view.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace kos::pack {
namespace {

std::vector<std::byte> content(std::size_t size, unsigned value) {
    return std::vector<std::byte>(size, static_cast<std::byte>(value));
}

std::vector<std::byte> finish(ImageBuilder& builder) {
    return must(std::move(builder).finish(), "the image is small");
}

TEST(ImageBuilderTest, TheSameBlobIsStoredOnce) {
    ImageBuilder builder;
    const auto first = builder.add_blob(manifest::BlobKind::RootServer, content(5000, 1));
    const auto second = builder.add_blob(manifest::BlobKind::Libos, content(5000, 2));
    EXPECT_EQ(builder.add_blob(manifest::BlobKind::Libos, content(5000, 2)), second);
    EXPECT_NE(first, second);
    builder.set_root_server(first);
    const auto image = finish(builder);
    EXPECT_EQ(image.size(), page_size * (1 + 2 + 2));
}

TEST(ImageBuilderTest, LargeBlobsStartOnALargePage) {
    ImageBuilder builder;
    builder.set_root_server(builder.add_blob(manifest::BlobKind::RootServer, content(10, 1)));
    builder.add_blob(manifest::BlobKind::Initrd, content(ImageBuilder::large_blob, 2));
    const auto image = finish(builder);
    const auto view = manifest::ImageView::create(image, image.size());
    ASSERT_TRUE(view);
    EXPECT_EQ(view->blob(1).offset, large_page_size);
    EXPECT_EQ(image[large_page_size], std::byte{2});
}

TEST(ImageBuilderTest, TheDigestCoversTheImageWithItselfAndTheChecksumZero) {
    ImageBuilder builder;
    builder.set_root_server(builder.add_blob(manifest::BlobKind::RootServer, content(10, 1)));
    auto image = finish(builder);
    const auto header = read_at<manifest::ImageHeader>(image, 0);
    ASSERT_TRUE(header);
    std::memset(image.data() + offsetof(manifest::ImageHeader, sha256), 0, 32);
    std::memset(image.data() + offsetof(manifest::ImageHeader, manifest_crc), 0, 4);
    EXPECT_EQ(oci::sha256(image), header->sha256);
}

TEST(ImageBuilderTest, StringsAreSharedAndEndWithANul) {
    ImageBuilder builder;
    const auto first = builder.add_text("hello");
    const auto list = builder.add_list(std::vector<std::string>{"hello", ""});
    EXPECT_EQ(list.count, 2u);
    EXPECT_EQ(builder.add_text("hello").offset, first.offset);
    builder.set_root_server(builder.add_blob(manifest::BlobKind::RootServer, content(10, 1)));
    const auto image = finish(builder);
    const auto view = manifest::ImageView::create(image, image.size());
    ASSERT_TRUE(view);
    EXPECT_EQ(view->text(first), "hello");
    EXPECT_EQ(view->text(list, 0), "hello");
    EXPECT_EQ(view->text(list, 1), "");
    EXPECT_EQ(*(view->text(first).data() + 5), '\0');
}

}  // namespace
}  // namespace kos::pack

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Mappings of a system image: each by itself, beside others, and what a server lends.
#include "lib/manifest/test_image.hpp"
#include "lib/manifest/view.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <vector>

namespace kos::manifest {
namespace {

TEST(ImageViewTest, FrameCountsAreThoseOfTheMappings) {
    EXPECT_EQ(error_after([](TestImage& image) { image.app.objects.frames = 1; }), ImageError::App);
    EXPECT_EQ(error_after([](TestImage& image) { image.app.objects.shared_frames = 2; }),
              ImageError::App);
}

TEST(ImageViewTest, AMalformedMappingIsRefused) {
    const auto with = [](const std::function<void(Mapping&)>& spoil, std::size_t number = 1) {
        return error_after([&](TestImage& image) { spoil(image.mappings[number]); });
    };
    EXPECT_EQ(with([](Mapping& m) { m.address = m.address + 8; }), ImageError::Mapping);
    EXPECT_EQ(with([](Mapping& m) { m.size = 0; }), ImageError::Mapping);
    EXPECT_EQ(with([](Mapping& m) { m.address = ~std::uint64_t{0xfff}; }), ImageError::Mapping);
    EXPECT_EQ(with([](Mapping& m) { m.access = 7; }), ImageError::Mapping);
    EXPECT_EQ(with([](Mapping& m) { m.blob = 3; }), ImageError::Mapping);
    EXPECT_EQ(with([](Mapping& m) { m.file_size = 0x11; }), ImageError::Mapping);
    EXPECT_EQ(with([](Mapping& m) { m.page_bits = 13; }), ImageError::Mapping);
    EXPECT_EQ(with([](Mapping& m) { m.kind = 0; }), ImageError::Mapping);
    EXPECT_EQ(with([](Mapping& m) { m.source = 8; }), ImageError::Mapping);
    EXPECT_EQ(with([](Mapping& m) { m.blob = 0; }), ImageError::Mapping);
}

/// Two copies of the app, the first a message server with an area of two pages, of which the second
/// is lent the last.
struct Lending {
    TestImage image;
    App server;

    Lending() {
        image.add_mapping(0x3000'0000, 0x2000, MappingKind::MessageArea, MappingSource::Zero,
                          access::read | access::write, 0, 0);
        image.app.objects.frames = 4;
        server = image.app;
        server.mappings.count = 4;
        server.kind = static_cast<std::uint8_t>(AppKind::MessageServer);
    }
    /// With the app's mappings behind the server's.
    std::optional<ImageError> error(const std::function<void(Mapping&)>& alter) {
        std::vector<Mapping> mappings = image.mappings;
        mappings.insert(mappings.end(), image.mappings.begin(), image.mappings.begin() + 3);
        Mapping lent = image.mappings.back();
        lent.source = static_cast<std::uint8_t>(MappingSource::Lent);
        lent.size = 0x1000;
        lent.blob = 0;
        lent.blob_offset = 0x1000;
        alter(lent);
        mappings.push_back(lent);
        TestImage two = image;
        two.mappings = mappings;
        two.app.objects.frames = 2;
        two.app.objects.shared_frames = 2;
        two.first = server;
        return two.error();
    }
};

TEST(ImageViewTest, WhatIsLentLiesWithinAServersAreaAndIsLentOnce) {
    Lending lending;
    const auto with = [&](const std::function<void(Mapping&)>& alter) {
        return lending.error(alter);
    };
    EXPECT_EQ(with([](Mapping&) {}), std::nullopt);
    EXPECT_EQ(with([](Mapping& m) { m.blob = 1; }), ImageError::Mapping);
    EXPECT_EQ(with([](Mapping& m) { m.blob = 7; }), ImageError::Mapping);
    EXPECT_EQ(with([](Mapping& m) { m.blob_offset = 0x2000; }), ImageError::Mapping);
    EXPECT_EQ(with([](Mapping& m) { m.blob_offset = 0x800; }), ImageError::Mapping);
    EXPECT_EQ(with([](Mapping& m) { m.access = access::read | access::execute; }),
              ImageError::Mapping);
    lending.server.kind = static_cast<std::uint8_t>(AppKind::NetworkSwitch);
    EXPECT_EQ(with([](Mapping&) {}), ImageError::Mapping) << "a native app is on no Ethernet";
    lending.server.kind = static_cast<std::uint8_t>(AppKind::Native);
    EXPECT_EQ(with([](Mapping&) {}), ImageError::Mapping);
}

TEST(ImageViewTest, SharedPagesAreNeverWritableNorBeyondTheirBlob) {
    const auto with = [](const std::function<void(Mapping&)>& spoil) {
        return error_after([&](TestImage& image) { spoil(image.mappings[0]); });
    };
    EXPECT_EQ(with([](Mapping& m) { m.access = access::read | access::write; }),
              ImageError::Mapping);
    EXPECT_EQ(with([](Mapping& m) { m.size = 0x2000; }), ImageError::Mapping);
}

TEST(ImageViewTest, APageIsMappedDirectlyOnlyOnceAndReadOnly) {
    const auto direct = [](TestImage& image) {
        image.mappings[0].source = static_cast<std::uint8_t>(MappingSource::Direct);
        image.app.objects.shared_frames = 0;
    };
    EXPECT_EQ(error_after(direct), std::nullopt);
    EXPECT_EQ(error_after([&](TestImage& image) {
                  direct(image);
                  image.mappings[0].access = access::read | access::write;
              }),
              ImageError::Mapping);
    const auto with_another = [&](MappingSource source, std::uint64_t blob_offset) {
        return error_after([&](TestImage& image) {
            direct(image);
            image.mappings[1].blob_offset = blob_offset;
            image.mappings[1].size = 0x1000;
            image.mappings[1].access = access::read;
            image.mappings[1].source = static_cast<std::uint8_t>(source);
            image.app.objects.frames = source == MappingSource::Copied ? 1 : 0;
        });
    };
    EXPECT_EQ(with_another(MappingSource::Direct, 0x1000), std::nullopt);
    EXPECT_EQ(with_another(MappingSource::Direct, 0), ImageError::Mapping);
    EXPECT_EQ(with_another(MappingSource::Copied, 0), ImageError::Mapping);
}

TEST(ImageViewTest, MappingsThatOverlapOrAreOutOfOrderAreRefused) {
    EXPECT_EQ(error_after([](TestImage& image) { image.mappings[1].address = text_address; }),
              ImageError::Mapping);
    EXPECT_EQ(
        error_after([](TestImage& image) { std::swap(image.mappings[0], image.mappings[2]); }),
        ImageError::Mapping);
}

}  // namespace
}  // namespace kos::manifest

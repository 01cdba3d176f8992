// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/manifest/view.hpp"

#include "lib/manifest/test_image.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <optional>
#include <vector>

namespace kos::manifest {
namespace {

TEST(ImageViewTest, WhatWasWrittenIsReadBack) {
    const std::vector<std::byte> manifest = TestImage{}.write();
    const auto view = ImageView::create(manifest, 0x5000);
    ASSERT_TRUE(view.ok()) << describe(view.error());
    ASSERT_EQ(view->app_count(), 1u);
    const App app = view->app(0);
    EXPECT_EQ(view->text(app.name), "hello");
    EXPECT_EQ(view->text(app.arguments, 1), "arg");
    EXPECT_EQ(view->mapping(app, 1).address, text_address + 0x1000);
    EXPECT_EQ(view->blob(1).size, 0x1010u);
}

TEST(ImageViewTest, AnotherFormatOrVersionIsRefusedByName) {
    EXPECT_EQ(error_after([](TestImage& image) { image.header.magic = 1; }), ImageError::Magic);
    EXPECT_EQ(error_after([](TestImage& image) { image.header.version = 1; }), ImageError::Version);
    EXPECT_EQ(ImageView::create({}, 0).error(), ImageError::Truncated);
}

TEST(ImageViewTest, OneFlippedBitOfTheManifestIsNoticed) {
    const std::vector<std::byte> manifest = TestImage{}.write();
    for (std::size_t at = 0; at < manifest.size(); at += 7) {
        std::vector<std::byte> flipped = manifest;
        flipped[at] ^= std::byte{0x10};
        EXPECT_FALSE(ImageView::create(flipped, 0x5000).ok()) << at;
    }
}

TEST(ImageViewTest, AnImageThatIsShorterThanItStatesIsRefused) {
    const std::vector<std::byte> manifest = TestImage{}.write();
    EXPECT_EQ(ImageView::create(manifest, 0x4fff).error(), ImageError::Truncated);
    const Bytes part = Bytes{manifest}.first(manifest.size() - 1);
    EXPECT_EQ(ImageView::create(part, 0x5000).error(), ImageError::Truncated);
}

TEST(ImageViewTest, ATableOutsideTheManifestIsRefused) {
    const auto with = [](Table ImageHeader::*table, Table value) {
        const std::vector<std::byte> manifest =
            TestImage{}.write([&](ImageHeader& header) { header.*table = value; });
        return ImageView::create(manifest, 0x5000).error();
    };
    EXPECT_EQ(with(&ImageHeader::apps, {0x1000, 1}), ImageError::Table);
    EXPECT_EQ(with(&ImageHeader::blobs, {0x80, 0xffff'ffff}), ImageError::Table);
    EXPECT_EQ(with(&ImageHeader::text, {0x10, 1}), ImageError::Table);
}

TEST(ImageViewTest, ABlobOutsideTheImageIsRefused) {
    EXPECT_EQ(error_after([](TestImage& image) { image.blobs[1].size = 0x3001; }),
              ImageError::Blob);
    EXPECT_EQ(error_after([](TestImage& image) { image.blobs[1].offset = 0x2001; }),
              ImageError::Blob);
    EXPECT_EQ(error_after([](TestImage& image) { image.blobs[1].offset = 0; }), ImageError::Blob);
    EXPECT_EQ(error_after([](TestImage& image) { image.blobs[2].kind = 99; }), ImageError::Blob);
    EXPECT_EQ(error_after([](TestImage& image) { image.header.root_server = 1; }),
              ImageError::Blob);
}

TEST(ImageViewTest, AStringOutsideTheTextIsRefused) {
    EXPECT_EQ(error_after([](TestImage& image) { image.strings[1].length = 4; }),
              ImageError::String);
    EXPECT_EQ(error_after([](TestImage& image) {
                  image.app.host_name = {0xffff'ffff, 2};
              }),
              ImageError::String);
    EXPECT_EQ(error_after([](TestImage& image) {
                  image.app.environment = {1, 2};
              }),
              ImageError::String);
}

TEST(ImageViewTest, AnAppWhoseFieldsContradictEachOtherIsRefused) {
    EXPECT_EQ(error_after([](TestImage& image) { image.app.priority = 191; }), ImageError::App);
    EXPECT_EQ(error_after([](TestImage& image) { image.app.restart = 3; }), ImageError::App);
    EXPECT_EQ(error_after([](TestImage& image) { image.app.max_priority = priority_ceiling + 1; }),
              ImageError::App);
    EXPECT_EQ(error_after([](TestImage& image) { image.app.threads = 2; }), ImageError::App);
    EXPECT_EQ(error_after([](TestImage& image) { image.app.entry = text_address + 0x1000; }),
              ImageError::App);
    EXPECT_EQ(error_after([](TestImage& image) { image.app.undo = 2; }), ImageError::App);
    EXPECT_EQ(error_after([](TestImage& image) { image.app.mappings = {2, 2}; }), ImageError::App);
    EXPECT_EQ(error_after([](TestImage& image) { image.app.objects.cnode_bits = 64; }),
              ImageError::App);
}

TEST(ImageViewTest, AGuestIsReadBack) {
    TestImage image;
    image.become_microvm();
    const std::vector<std::byte> manifest = image.write();
    const auto view = ImageView::create(manifest, 0x5000);
    ASSERT_TRUE(view.ok()) << describe(view.error());
    const Vm vm = view->vm(view->app(0));
    EXPECT_EQ(vm.memory, 64u << 20);
    EXPECT_EQ(view->text(vm.command_line), "arg");
    EXPECT_EQ(view->text(view->disk(vm, 0).serial), "hello");
    EXPECT_EQ(view->interface(vm, 0).mac[5], 1);
}

TEST(ImageViewTest, AGuestOutOfRangeIsRefused) {
    const auto with = [](const std::function<void(TestImage&)>& spoil) {
        return error_after([&](TestImage& image) {
            image.become_microvm();
            spoil(image);
        });
    };
    EXPECT_EQ(with([](TestImage& image) { image.vms[0].memory = 64 << 20 | 4096; }),
              ImageError::Guest);
    EXPECT_EQ(with([](TestImage& image) { image.vms[0].memory = 0; }), ImageError::Guest);
    EXPECT_EQ(with([](TestImage& image) { image.vms[0].vcpus = 9; }), ImageError::Guest);
    EXPECT_EQ(with([](TestImage& image) { image.vms[0].kernel = 5; }), ImageError::Guest);
    EXPECT_EQ(with([](TestImage& image) { image.vms[0].initrd = 7; }), ImageError::Guest);
    EXPECT_EQ(with([](TestImage& image) { image.vms[0].disks = {0, 2}; }), ImageError::Guest);
    EXPECT_EQ(with([](TestImage& image) { image.vms[0].interfaces = {1, 1}; }), ImageError::Guest);
    EXPECT_EQ(with([](TestImage& image) { image.disks[0].blob = 3; }), ImageError::Guest);
    EXPECT_EQ(with([](TestImage& image) { image.interfaces[0].mac[0] = 1; }), ImageError::Guest);
    EXPECT_EQ(with([](TestImage& image) { image.interfaces[0].membership = 1; }),
              ImageError::Guest);
    EXPECT_EQ(with([](TestImage& image) { image.disks[0].serial.length = 99; }),
              ImageError::String);
    EXPECT_EQ(with([](TestImage& image) { image.app.vm = 2; }), ImageError::App);
    EXPECT_EQ(with([](TestImage& image) { image.app.vm = 0; }), ImageError::App);
    EXPECT_EQ(with([](TestImage& image) { image.app.objects.vcpus = 1; }), ImageError::App);
    EXPECT_EQ(with([](TestImage& image) { image.app.objects.guest_frames = 31; }), ImageError::App);
    EXPECT_EQ(with([](TestImage& image) { image.vms[0].memory = 32 << 20; }), ImageError::App);
    EXPECT_EQ(with([](TestImage& image) { image.disks[0].volume = 1u; }), ImageError::Guest);
    EXPECT_EQ(with([](TestImage& image) { image.mappings.back().page_bits = 12; }),
              ImageError::Mapping);
}

TEST(ImageViewTest, VolumesOfAGuestAscendInOneGroupAndHaveNoBlob) {
    const auto with = [](std::vector<Disk> volumes) {
        return error_after([&](TestImage& image) {
            image.become_microvm();
            for (Disk& volume : volumes) volume.serial = {0, 5};
            image.disks.insert(image.disks.end(), volumes.begin(), volumes.end());
            image.vms[0].disks.count = static_cast<std::uint32_t>(image.disks.size());
        });
    };
    const auto volume = [](std::uint32_t number) {
        return Disk{.serial = {}, .blob = {}, .volume = number};
    };
    EXPECT_EQ(with({volume(9), volume(10), volume(16)}), std::nullopt);
    EXPECT_EQ(with({volume(9), volume(9)}), ImageError::Guest);
    EXPECT_EQ(with({volume(10), volume(9)}), ImageError::Guest);
    EXPECT_EQ(with({volume(16), volume(17)}), ImageError::Guest);
    EXPECT_EQ(with({{.serial = {}, .blob = 5, .volume = 9}}), ImageError::Guest);
}

TEST(ImageViewTest, AGroupOfVolumesBelongsToOneGuest) {
    const auto with = [](std::uint32_t one, std::uint32_t other) {
        return error_after([&](TestImage& image) {
            image.become_microvm();
            image.first = image.app;
            image.first->mappings = {0, static_cast<std::uint32_t>(image.mappings.size())};
            const auto mappings = image.mappings;
            image.mappings.insert(image.mappings.end(), mappings.begin(), mappings.end());
            image.vms.push_back(image.vms[0]);
            image.app.vm = 2;
            image.disks.clear();
            for (const std::uint32_t volume : {one, other}) {
                image.disks.push_back({.serial = {0, 5}, .blob = 5, .volume = {}});
                image.disks.push_back({.serial = {0, 5}, .blob = {}, .volume = volume});
                if (volume == 0) image.disks.back().blob = 5;
            }
            image.vms[0].disks = {0, 2};
            image.vms[1].disks = {2, 2};
        });
    };
    EXPECT_EQ(with(0, 0), std::nullopt);
    EXPECT_EQ(with(0, 1), std::nullopt);
    EXPECT_EQ(with(8, 9), std::nullopt);
    EXPECT_EQ(with(9, 8), std::nullopt);
    EXPECT_EQ(with(9, 9), ImageError::Guest);
    EXPECT_EQ(with(9, 16), ImageError::Guest);
}

Dependency on(std::uint32_t app, Condition condition) {
    return {.app = app,
            .condition = static_cast<std::uint8_t>(condition),
            .flags = dependency_flag::required,
            .reserved = {}};
}

TEST(ImageViewTest, AnAppDependsOnAppsBeforeIt) {
    const auto with = [](const std::function<void(TestImage&)>& spoil) {
        return error_after([&](TestImage& image) {
            image.copies = 2;
            image.dependencies = {on(0, Condition::Started), on(0, Condition::Completed)};
            spoil(image);
        });
    };
    EXPECT_EQ(with([](TestImage&) {}), std::nullopt);
    EXPECT_EQ(with([](TestImage& image) { image.dependencies[1].app = 1; }),
              ImageError::Dependency);
    EXPECT_EQ(with([](TestImage& image) { image.dependencies[1].app = 9; }),
              ImageError::Dependency);
    EXPECT_EQ(with([](TestImage& image) { image.dependencies[1].condition = 0; }),
              ImageError::Dependency);
    EXPECT_EQ(with([](TestImage& image) { image.dependencies[1].condition = 4; }),
              ImageError::Dependency);
    EXPECT_EQ(with([](TestImage& image) { image.dependencies[1].flags = 4; }),
              ImageError::Dependency);
    EXPECT_EQ(with([](TestImage& image) { image.copies = 1; }), ImageError::Dependency);
}

TEST(ImageViewTest, NobodyWaitsForTheHealthOfAnAppThatHasNone) {
    const auto with = [](Readiness readiness) {
        return error_after([&](TestImage& image) {
            image.copies = 2;
            image.app.readiness = static_cast<std::uint8_t>(readiness);
            image.dependencies = {on(0, Condition::Healthy)};
        });
    };
    EXPECT_EQ(with(Readiness::Port), std::nullopt);
    EXPECT_EQ(with(Readiness::Protocol), std::nullopt);
    EXPECT_EQ(with(Readiness::None), ImageError::Dependency);
    EXPECT_EQ(with(Readiness::Test), std::nullopt);
    EXPECT_EQ(with(static_cast<Readiness>(4)), ImageError::App);
}

TEST(ImageViewTest, AnAppIsStoppedByASignal) {
    for (const std::uint8_t signal : std::array<std::uint8_t, 3>{0, 65, 255}) {
        EXPECT_EQ(error_after([&](TestImage& image) { image.app.stop_signal = signal; }),
                  ImageError::App);
    }
    EXPECT_EQ(error_after([](TestImage& image) { image.app.stop_signal = 64; }), std::nullopt);
}

}  // namespace
}  // namespace kos::manifest

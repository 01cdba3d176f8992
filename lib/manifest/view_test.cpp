// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/manifest/view.hpp"

#include "lib/base/address.hpp"
#include "lib/base/crc32.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <functional>
#include <optional>
#include <vector>

namespace kos::manifest {
namespace {

constexpr std::uint64_t text_address = 0x1000'0000;
constexpr std::uint32_t manifest_bytes = 0x1000;

/// A system image with one app whose program is one page of text and one of data. Tests alter it
/// before it is written out.
struct Image {
    ImageHeader header;
    std::vector<Blob> blobs;
    App app;
    std::vector<Mapping> mappings;
    std::vector<Vm> vms;
    std::vector<Disk> disks;
    std::vector<Interface> interfaces;
    std::vector<Dependency> dependencies;
    unsigned copies = 1;       ///< of the app; the last has the dependencies
    std::optional<App> first;  ///< before it, with the first of the mappings
    std::vector<StringRef> strings{{0, 5}, {5, 3}};
    std::string text = "helloarg";
    std::uint64_t bytes = 0x5000;

    Image() {
        add_blob(BlobKind::RootServer, 0x1000, 0x800);
        add_blob(BlobKind::Program, 0x2000, 0x1010);
        add_blob(BlobKind::Undo, 0x4000, 16);
        add_mapping(text_address, 0x1000, MappingKind::Text, MappingSource::Shared,
                    access::read | access::execute, 0, 0x1000);
        add_mapping(text_address + 0x1000, 0x2000, MappingKind::Data, MappingSource::Copied,
                    access::read | access::write, 0x1000, 0x10);
        add_mapping(0x2000'0000, 0x10000, MappingKind::Heap, MappingSource::Demand,
                    access::read | access::write, 0, 0);
        app.name = {0, 5};
        app.kind = static_cast<std::uint8_t>(AppKind::Native);
        app.priority = 180;
        app.max_priority = 190;
        app.threads = 1;
        app.arguments = {0, 2};
        app.entry = app.libos_start = app.libos_thread_start = text_address;
        app.undo = 3;
        app.objects.vspaces = app.objects.tcbs = app.objects.sched_contexts = 1;
        app.objects.frames = 2;
        app.objects.shared_frames = 1;
        app.objects.cnode_bits = app.objects.object_cnode_bits = 4;
    }

    /// A guest of 64 MiB with a disk and an interface.
    void become_microvm() {
        app.kind = static_cast<std::uint8_t>(AppKind::MicroVm);
        add_blob(BlobKind::GuestKernel, 0x2000, 0x1000);
        add_blob(BlobKind::GuestInitrd, 0x2000, 0x1000);
        add_blob(BlobKind::Disk, 0x3000, 0x1000);
        add_mapping(0x4000'0000, 64 << 20, MappingKind::GuestMemory, MappingSource::Guest,
                    access::read | access::write, 0, 0);
        mappings.back().page_bits = 21;
        disks.push_back({.serial = {0, 5}, .blob = 5, .reserved = {}});
        interfaces.push_back({.network = {5, 3}, .mac = {2, 0, 0, 0, 0, 1}});
        vms.push_back({.memory = 64 << 20,
                       .vcpus = 2,
                       .kernel = 3,
                       .initrd = 5,
                       .reserved = {},
                       .command_line = {5, 3},
                       .disks = {0, 1},
                       .interfaces = {0, 1}});
        app.vm = 1;
        app.objects.vcpus = 2;
        app.objects.guest_frames = 32;
    }

    void add_blob(BlobKind kind, std::uint64_t offset, std::uint64_t size) {
        Blob blob;
        blob.offset = offset;
        blob.size = size;
        blob.kind = static_cast<std::uint8_t>(kind);
        blobs.push_back(blob);
    }

    void add_mapping(std::uint64_t address, std::uint64_t size, MappingKind kind,
                     MappingSource source, std::uint8_t access, std::uint64_t blob_offset,
                     std::uint64_t file_size) {
        mappings.push_back({.address = address,
                            .size = size,
                            .blob_offset = blob_offset,
                            .file_size = file_size,
                            .blob = 1,
                            .kind = static_cast<std::uint8_t>(kind),
                            .source = static_cast<std::uint8_t>(source),
                            .access = access});
    }

    /// The manifest as bytes; \p spoil alters the finished header.
    [[nodiscard]] std::vector<std::byte> write(const std::function<void(ImageHeader&)>& spoil =
                                                   [](ImageHeader&) {}) const {
        std::vector<std::byte> result(sizeof(ImageHeader));
        const auto put = [&result](const auto& elements) {
            const Table table{static_cast<std::uint32_t>(result.size()),
                              static_cast<std::uint32_t>(std::size(elements))};
            for (const auto& element : elements) {
                const Bytes part = bytes_of(element);
                result.insert(result.end(), part.begin(), part.end());
            }
            return table;
        };
        App placed = app;
        if (placed.mappings.count == 0) {
            placed.mappings = {0, static_cast<std::uint32_t>(mappings.size())};
        }
        ImageHeader head = header;
        head.blobs = put(blobs);
        if (first) {
            const std::uint32_t taken = first->mappings.count;
            placed.mappings = {taken, static_cast<std::uint32_t>(mappings.size()) - taken};
        }
        std::vector<App> apps(copies, placed);
        if (first) apps.insert(apps.begin(), *first);
        apps.back().dependencies = {0, static_cast<std::uint32_t>(dependencies.size())};
        head.apps = put(apps);
        head.mappings = put(mappings);
        head.vms = put(vms);
        head.disks = put(disks);
        head.interfaces = put(interfaces);
        head.dependencies = put(dependencies);
        head.strings = put(strings);
        head.text = put(text);
        head.manifest_size = manifest_bytes;
        head.image_size = bytes;
        result.resize(manifest_bytes);
        spoil(head);
        std::memcpy(result.data(), &head, sizeof(head));
        head.manifest_crc = crc32(Bytes{result}.subspan(offsetof(ImageHeader, image_size)));
        std::memcpy(result.data(), &head, sizeof(head));
        return result;
    }

    [[nodiscard]] std::optional<ImageError> error() const {
        const std::vector<std::byte> manifest = write();
        const auto view = ImageView::create(manifest, bytes);
        if (view) return std::nullopt;
        return view.error();
    }
};

std::optional<ImageError> error_after(const std::function<void(Image&)>& alter) {
    Image image;
    alter(image);
    return image.error();
}

TEST(ImageViewTest, WhatWasWrittenIsReadBack) {
    const std::vector<std::byte> manifest = Image{}.write();
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
    EXPECT_EQ(error_after([](Image& image) { image.header.magic = 1; }), ImageError::Magic);
    EXPECT_EQ(error_after([](Image& image) { image.header.version = 1; }), ImageError::Version);
    EXPECT_EQ(ImageView::create({}, 0).error(), ImageError::Truncated);
}

TEST(ImageViewTest, OneFlippedBitOfTheManifestIsNoticed) {
    const std::vector<std::byte> manifest = Image{}.write();
    for (std::size_t at = 0; at < manifest.size(); at += 7) {
        std::vector<std::byte> flipped = manifest;
        flipped[at] ^= std::byte{0x10};
        EXPECT_FALSE(ImageView::create(flipped, 0x5000).ok()) << at;
    }
}

TEST(ImageViewTest, AnImageThatIsShorterThanItStatesIsRefused) {
    const std::vector<std::byte> manifest = Image{}.write();
    EXPECT_EQ(ImageView::create(manifest, 0x4fff).error(), ImageError::Truncated);
    const Bytes part = Bytes{manifest}.first(manifest.size() - 1);
    EXPECT_EQ(ImageView::create(part, 0x5000).error(), ImageError::Truncated);
}

TEST(ImageViewTest, ATableOutsideTheManifestIsRefused) {
    const auto with = [](Table ImageHeader::*table, Table value) {
        const std::vector<std::byte> manifest =
            Image{}.write([&](ImageHeader& header) { header.*table = value; });
        return ImageView::create(manifest, 0x5000).error();
    };
    EXPECT_EQ(with(&ImageHeader::apps, {0x1000, 1}), ImageError::Table);
    EXPECT_EQ(with(&ImageHeader::blobs, {0x80, 0xffff'ffff}), ImageError::Table);
    EXPECT_EQ(with(&ImageHeader::text, {0x10, 1}), ImageError::Table);
}

TEST(ImageViewTest, ABlobOutsideTheImageIsRefused) {
    EXPECT_EQ(error_after([](Image& image) { image.blobs[1].size = 0x3001; }), ImageError::Blob);
    EXPECT_EQ(error_after([](Image& image) { image.blobs[1].offset = 0x2001; }), ImageError::Blob);
    EXPECT_EQ(error_after([](Image& image) { image.blobs[1].offset = 0; }), ImageError::Blob);
    EXPECT_EQ(error_after([](Image& image) { image.blobs[2].kind = 99; }), ImageError::Blob);
    EXPECT_EQ(error_after([](Image& image) { image.header.root_server = 1; }), ImageError::Blob);
}

TEST(ImageViewTest, AStringOutsideTheTextIsRefused) {
    EXPECT_EQ(error_after([](Image& image) { image.strings[1].length = 4; }), ImageError::String);
    EXPECT_EQ(error_after([](Image& image) {
                  image.app.host_name = {0xffff'ffff, 2};
              }),
              ImageError::String);
    EXPECT_EQ(error_after([](Image& image) {
                  image.app.environment = {1, 2};
              }),
              ImageError::String);
}

TEST(ImageViewTest, AnAppWhoseFieldsContradictEachOtherIsRefused) {
    EXPECT_EQ(error_after([](Image& image) { image.app.priority = 191; }), ImageError::App);
    EXPECT_EQ(error_after([](Image& image) { image.app.restart = 3; }), ImageError::App);
    EXPECT_EQ(error_after([](Image& image) { image.app.max_priority = priority_ceiling + 1; }),
              ImageError::App);
    EXPECT_EQ(error_after([](Image& image) { image.app.threads = 2; }), ImageError::App);
    EXPECT_EQ(error_after([](Image& image) { image.app.entry = text_address + 0x1000; }),
              ImageError::App);
    EXPECT_EQ(error_after([](Image& image) { image.app.undo = 2; }), ImageError::App);
    EXPECT_EQ(error_after([](Image& image) { image.app.mappings = {2, 2}; }), ImageError::App);
    EXPECT_EQ(error_after([](Image& image) { image.app.objects.cnode_bits = 64; }),
              ImageError::App);
}

TEST(ImageViewTest, FrameCountsAreThoseOfTheMappings) {
    EXPECT_EQ(error_after([](Image& image) { image.app.objects.frames = 1; }), ImageError::App);
    EXPECT_EQ(error_after([](Image& image) { image.app.objects.shared_frames = 2; }),
              ImageError::App);
}

TEST(ImageViewTest, AMalformedMappingIsRefused) {
    const auto with = [](const std::function<void(Mapping&)>& spoil, std::size_t number = 1) {
        return error_after([&](Image& image) { spoil(image.mappings[number]); });
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

TEST(ImageViewTest, AGuestIsReadBack) {
    Image image;
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

/// Two copies of the app, the first a message server with an area of two pages, of which the second
/// is lent the last.
struct Lending {
    Image image;
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
        Image two = image;
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

TEST(ImageViewTest, AGuestOutOfRangeIsRefused) {
    const auto with = [](const std::function<void(Image&)>& spoil) {
        return error_after([&](Image& image) {
            image.become_microvm();
            spoil(image);
        });
    };
    EXPECT_EQ(with([](Image& image) { image.vms[0].memory = 64 << 20 | 4096; }), ImageError::Guest);
    EXPECT_EQ(with([](Image& image) { image.vms[0].memory = 0; }), ImageError::Guest);
    EXPECT_EQ(with([](Image& image) { image.vms[0].vcpus = 9; }), ImageError::Guest);
    EXPECT_EQ(with([](Image& image) { image.vms[0].kernel = 5; }), ImageError::Guest);
    EXPECT_EQ(with([](Image& image) { image.vms[0].initrd = 7; }), ImageError::Guest);
    EXPECT_EQ(with([](Image& image) { image.vms[0].disks = {0, 2}; }), ImageError::Guest);
    EXPECT_EQ(with([](Image& image) { image.vms[0].interfaces = {1, 1}; }), ImageError::Guest);
    EXPECT_EQ(with([](Image& image) { image.disks[0].blob = 3; }), ImageError::Guest);
    EXPECT_EQ(with([](Image& image) { image.interfaces[0].mac[0] = 1; }), ImageError::Guest);
    EXPECT_EQ(with([](Image& image) { image.interfaces[0].membership = 1; }), ImageError::Guest);
    EXPECT_EQ(with([](Image& image) { image.disks[0].serial.length = 99; }), ImageError::String);
    EXPECT_EQ(with([](Image& image) { image.app.vm = 2; }), ImageError::App);
    EXPECT_EQ(with([](Image& image) { image.app.vm = 0; }), ImageError::App);
    EXPECT_EQ(with([](Image& image) { image.app.objects.vcpus = 1; }), ImageError::App);
    EXPECT_EQ(with([](Image& image) { image.app.objects.guest_frames = 31; }), ImageError::App);
    EXPECT_EQ(with([](Image& image) { image.vms[0].memory = 32 << 20; }), ImageError::App);
    EXPECT_EQ(with([](Image& image) { image.mappings.back().page_bits = 12; }),
              ImageError::Mapping);
}

Dependency on(std::uint32_t app, Condition condition) {
    return {.app = app,
            .condition = static_cast<std::uint8_t>(condition),
            .flags = dependency_flag::required,
            .reserved = {}};
}

TEST(ImageViewTest, AnAppDependsOnAppsBeforeIt) {
    const auto with = [](const std::function<void(Image&)>& spoil) {
        return error_after([&](Image& image) {
            image.copies = 2;
            image.dependencies = {on(0, Condition::Started), on(0, Condition::Completed)};
            spoil(image);
        });
    };
    EXPECT_EQ(with([](Image&) {}), std::nullopt);
    EXPECT_EQ(with([](Image& image) { image.dependencies[1].app = 1; }), ImageError::Dependency);
    EXPECT_EQ(with([](Image& image) { image.dependencies[1].app = 9; }), ImageError::Dependency);
    EXPECT_EQ(with([](Image& image) { image.dependencies[1].condition = 0; }),
              ImageError::Dependency);
    EXPECT_EQ(with([](Image& image) { image.dependencies[1].condition = 4; }),
              ImageError::Dependency);
    EXPECT_EQ(with([](Image& image) { image.dependencies[1].flags = 4; }), ImageError::Dependency);
    EXPECT_EQ(with([](Image& image) { image.copies = 1; }), ImageError::Dependency);
}

TEST(ImageViewTest, NobodyWaitsForTheHealthOfAnAppThatHasNone) {
    const auto with = [](Readiness readiness) {
        return error_after([&](Image& image) {
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
        EXPECT_EQ(error_after([&](Image& image) { image.app.stop_signal = signal; }),
                  ImageError::App);
    }
    EXPECT_EQ(error_after([](Image& image) { image.app.stop_signal = 64; }), std::nullopt);
}

TEST(ImageViewTest, SharedPagesAreNeverWritableNorBeyondTheirBlob) {
    const auto with = [](const std::function<void(Mapping&)>& spoil) {
        return error_after([&](Image& image) { spoil(image.mappings[0]); });
    };
    EXPECT_EQ(with([](Mapping& m) { m.access = access::read | access::write; }),
              ImageError::Mapping);
    EXPECT_EQ(with([](Mapping& m) { m.size = 0x2000; }), ImageError::Mapping);
}

TEST(ImageViewTest, APageIsMappedDirectlyOnlyOnceAndReadOnly) {
    const auto direct = [](Image& image) {
        image.mappings[0].source = static_cast<std::uint8_t>(MappingSource::Direct);
        image.app.objects.shared_frames = 0;
    };
    EXPECT_EQ(error_after(direct), std::nullopt);
    EXPECT_EQ(error_after([&](Image& image) {
                  direct(image);
                  image.mappings[0].access = access::read | access::write;
              }),
              ImageError::Mapping);
    const auto with_another = [&](MappingSource source, std::uint64_t blob_offset) {
        return error_after([&](Image& image) {
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
    EXPECT_EQ(error_after([](Image& image) { image.mappings[1].address = text_address; }),
              ImageError::Mapping);
    EXPECT_EQ(error_after([](Image& image) { std::swap(image.mappings[0], image.mappings[2]); }),
              ImageError::Mapping);
}

}  // namespace
}  // namespace kos::manifest

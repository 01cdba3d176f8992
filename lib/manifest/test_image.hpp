// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// For tests: a system image to spoil.
#pragma once

#include "lib/base/address.hpp"
#include "lib/base/crc32.hpp"
#include "lib/manifest/view.hpp"

#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kos::manifest {

inline constexpr std::uint64_t text_address = 0x1000'0000;
inline constexpr std::uint32_t manifest_bytes = 0x1000;

/// A system image with one app whose program is one page of text and one of data. Tests alter it
/// before it is written out.
struct TestImage {
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

    TestImage() {
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
        disks.push_back({.serial = {0, 5}, .blob = 5, .volume = {}});
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

/// What is said of an image that \p alter has changed.
inline std::optional<ImageError> error_after(const std::function<void(TestImage&)>& alter) {
    TestImage image;
    alter(image);
    return image.error();
}

}  // namespace kos::manifest

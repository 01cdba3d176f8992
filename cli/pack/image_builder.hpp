// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Builds a system image (lib/manifest/image.hpp) from blobs, strings and apps. The same calls give
// the same bytes; a blob that is added twice is stored once.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/error.hpp"
#include "lib/manifest/image.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kos::pack {

class ImageBuilder {
   public:
    /// Blobs of this size and more start on a large page, so that they can be mapped with such.
    static constexpr std::uint64_t large_blob = 2u << 20;

    /// Returns the blob's number.
    std::uint32_t add_blob(manifest::BlobKind kind, std::vector<std::byte> content);
    manifest::StringRef add_text(std::string_view text);
    manifest::StringList add_list(std::span<const std::string> texts);
    /// `vm.disks` and `vm.interfaces` are filled in. Returns what `App::vm` is to say.
    std::uint32_t add_vm(manifest::Vm vm, std::span<const manifest::Disk> disks,
                         std::span<const manifest::Interface> interfaces);
    /// `app.mappings` and `app.dependencies` are filled in.
    void add_app(manifest::App app, std::span<const manifest::Mapping> mappings,
                 std::span<const manifest::Dependency> dependencies = {});
    /// Those of the apps so far.
    [[nodiscard]] std::span<const manifest::Mapping> mappings() const { return mappings_; }
    /// Whether the root server waits for commands when no app is left.
    void set_stays(bool stays) { flags_ = stays ? manifest::system_flag::stays : 0; }
    void set_root_server(std::uint32_t blob) { root_server_ = blob; }

    /// The image; the builder is spent. KOS-E-SYSTEM-IMAGE where the manifest outgrows its fields.
    Outcome<std::vector<std::byte>> finish() &&;

   private:
    struct Stored {
        manifest::BlobKind kind;
        std::array<std::uint8_t, 32> sha256;
        std::vector<std::byte> content;
    };

    std::vector<manifest::Blob> place_blobs(std::uint64_t manifest_size);

    std::vector<Stored> blobs_;
    std::vector<manifest::App> apps_;
    std::vector<manifest::Mapping> mappings_;
    std::vector<manifest::Vm> vms_;
    std::vector<manifest::Disk> disks_;
    std::vector<manifest::Interface> interfaces_;
    std::vector<manifest::Dependency> dependencies_;
    std::vector<manifest::StringRef> strings_;
    std::string text_;
    std::map<std::string, manifest::StringRef, std::less<>> known_texts_;
    std::uint32_t root_server_ = 0;
    std::uint32_t flags_ = 0;
};

}  // namespace kos::pack

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Reads a system image's manifest: everything is bounds-checked in create(), so that what the
// accessors hand out lies within the image. Makes no copy and allocates nothing.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/manifest/image.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace kos::manifest {

enum class ImageError : std::uint8_t {
    Truncated,  ///< shorter than its header or its stated size
    Magic,      ///< not a system image
    Version,    ///< another format version
    Checksum,   ///< the manifest's CRC-32 does not match
    Table,      ///< a table lies outside the manifest
    Blob,       ///< a blob lies outside the image or off its alignment
    String,     ///< a string or list lies outside its table
    App,        ///< an app's fields contradict each other, or its objects its mappings
    Mapping,    ///< a mapping is off its alignment, outside its blob or the address space, writable
                ///< and executable, overlaps another of its app, or maps a page directly that
                ///< another does
    Guest,      ///< a guest's memory, processors, blobs, disks or interfaces are out of range
    Dependency,  ///< an app depends on one that is not before it, or on what it cannot become
};

/// What is wrong with an image, in words.
[[nodiscard]] std::string_view describe(ImageError error);

class ImageView {
   public:
    /// \p manifest must hold the manifest at least; \p image_size is how much there is in all.
    static Result<ImageView, ImageError> create(Bytes manifest, std::uint64_t image_size);

    [[nodiscard]] const ImageHeader& header() const { return header_; }
    [[nodiscard]] std::uint32_t app_count() const { return header_.apps.count; }
    [[nodiscard]] std::uint32_t blob_count() const { return header_.blobs.count; }

    // Numbers must be below their counts: the caller's loops see to that.
    [[nodiscard]] App app(std::uint32_t number) const;
    [[nodiscard]] Blob blob(std::uint32_t number) const;
    [[nodiscard]] Mapping mapping(const App& app, std::uint32_t number) const;
    /// Bytes from the image's start to what a mapping that names a blob maps.
    [[nodiscard]] std::uint64_t image_offset(const Mapping& mapping) const {
        return blob(mapping.blob).offset + mapping.blob_offset;
    }
    /// The guest of an app of kind MicroVm.
    [[nodiscard]] Vm vm(const App& app) const;
    [[nodiscard]] Disk disk(const Vm& vm, std::uint32_t number) const;
    [[nodiscard]] bool has_volumes(const Vm& vm) const { return volume_group_of(vm) != 0; }
    [[nodiscard]] Interface interface(const Vm& vm, std::uint32_t number) const;
    [[nodiscard]] Dependency dependency(const App& app, std::uint32_t number) const;
    [[nodiscard]] AppKind kind_of(std::uint32_t app) const {
        return static_cast<AppKind>(this->app(app).kind);
    }
    /// What message server or switch \p number shares with its apps; nothing where it is none.
    [[nodiscard]] std::optional<Mapping> message_area(std::uint32_t number) const;
    /// The message server or switch that is number \p membership among the app's.
    [[nodiscard]] std::optional<std::uint32_t> server_of(const App& app,
                                                         std::uint32_t membership) const;
    [[nodiscard]] std::string_view text(StringRef reference) const;
    [[nodiscard]] std::string_view text(StringList list, std::uint32_t number) const;

   private:
    ImageView(Bytes manifest, const ImageHeader& header) : manifest_(manifest), header_(header) {}

    template <class T>
    [[nodiscard]] T element(const Table& table, std::uint64_t number) const {
        if (number >= table.count) panic("ImageView: number is not below its count");
        const auto value = read_at<T>(manifest_, table.offset + number * sizeof(T));
        if (!value) panic("ImageView: a table that create() checked is outside the manifest");
        return *value;
    }
    [[nodiscard]] Result<void, ImageError> check_tables() const;
    [[nodiscard]] Result<void, ImageError> check_blobs() const;
    [[nodiscard]] Result<void, ImageError> check_strings() const;
    [[nodiscard]] Result<void, ImageError> check_app(std::uint32_t number) const;
    [[nodiscard]] Result<void, ImageError> check_life(std::uint32_t number) const;
    [[nodiscard]] Result<void, ImageError> check_references(const App& app) const;
    [[nodiscard]] Result<void, ImageError> check_guest(std::uint32_t number) const;
    [[nodiscard]] Result<void, ImageError> check_vm(const Vm& vm) const;
    /// The group of the guest's volumes, plus one; 0 where it has none.
    [[nodiscard]] std::uint32_t volume_group_of(const Vm& vm) const;
    [[nodiscard]] bool is_blob(std::uint32_t number, BlobKind kind) const;
    [[nodiscard]] Result<void, ImageError> check_mappings(const App& app) const;
    [[nodiscard]] Result<void, ImageError> check_memberships(std::uint32_t number) const;
    [[nodiscard]] bool is_lent_before(std::uint32_t number, std::uint32_t last,
                                      const Mapping& entry) const;
    [[nodiscard]] Result<void, ImageError> check_mapping(const Mapping& mapping) const;
    [[nodiscard]] Result<void, ImageError> check_direct() const;
    struct MappingPlace {
        std::uint32_t app, mapping;
    };
    [[nodiscard]] bool has_other_owner(MappingPlace place, const Mapping& entry) const;
    [[nodiscard]] bool is_executable(const App& app, std::uint64_t address) const;

    Bytes manifest_;
    ImageHeader header_;
};

}  // namespace kos::manifest

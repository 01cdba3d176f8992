// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/image_builder.hpp"

#include "cli/oci/digest.hpp"
#include "lib/base/address.hpp"
#include "lib/base/crc32.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace kos::pack {
namespace {

/// Appends to a manifest and remembers where a table begins.
class ManifestWriter {
   public:
    ManifestWriter() : bytes_(sizeof(manifest::ImageHeader)) {}

    template <class T>
    manifest::Table append(const std::vector<T>& elements) {
        const manifest::Table table = begin(elements.size());
        for (const T& element : elements) append_bytes(bytes_of(element));
        return table;
    }
    manifest::Table append(std::string_view text) {
        const manifest::Table table = begin(text.size());
        append_bytes(as_bytes(text));
        return table;
    }

    [[nodiscard]] std::vector<std::byte>& bytes() { return bytes_; }

   private:
    [[nodiscard]] manifest::Table begin(std::size_t count) const {
        manifest::Table table;
        table.offset = static_cast<std::uint32_t>(bytes_.size());
        table.count = static_cast<std::uint32_t>(count);
        return table;
    }
    void append_bytes(Bytes bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

    std::vector<std::byte> bytes_;
};

std::uint64_t page_aligned(std::uint64_t size) { return pages_for(size) * page_size; }

void put(std::vector<std::byte>& image, std::uint64_t offset, Bytes bytes) {
    std::copy(bytes.begin(), bytes.end(), image.begin() + static_cast<std::ptrdiff_t>(offset));
}

/// Digest and checksum, in the order in which they cover each other (docs/system-image.md).
void seal(std::vector<std::byte>& image, manifest::ImageHeader header) {
    put(image, 0, bytes_of(header));
    header.sha256 = oci::sha256(image);
    put(image, 0, bytes_of(header));
    constexpr std::size_t covered = offsetof(manifest::ImageHeader, image_size);
    header.manifest_crc = crc32(Bytes{image}.first(header.manifest_size).subspan(covered));
    put(image, 0, bytes_of(header));
}

}  // namespace

std::uint32_t ImageBuilder::add_blob(manifest::BlobKind kind, std::vector<std::byte> content) {
    const auto digest = oci::sha256(content);
    const auto same = std::find_if(blobs_.begin(), blobs_.end(), [&](const Stored& blob) {
        return blob.kind == kind && blob.sha256 == digest;
    });
    const auto number = static_cast<std::uint32_t>(same - blobs_.begin());
    if (same == blobs_.end()) blobs_.push_back({kind, digest, std::move(content)});
    return number;
}

manifest::StringRef ImageBuilder::add_text(std::string_view text) {
    if (const auto known = known_texts_.find(text); known != known_texts_.end()) {
        return known->second;
    }
    manifest::StringRef reference;
    reference.offset = static_cast<std::uint32_t>(text_.size());
    reference.length = static_cast<std::uint32_t>(text.size());
    text_.append(text).push_back('\0');
    known_texts_.emplace(text, reference);
    return reference;
}

manifest::StringList ImageBuilder::add_list(std::span<const std::string> texts) {
    manifest::StringList list;
    list.first = static_cast<std::uint32_t>(strings_.size());
    list.count = static_cast<std::uint32_t>(texts.size());
    for (const std::string& text : texts) strings_.push_back(add_text(text));
    return list;
}

namespace {

/// Appends to a table; the part of it that is new.
template <class T>
manifest::Table append_to(std::vector<T>& table, std::span<const T> elements) {
    manifest::Table part;
    part.offset = static_cast<std::uint32_t>(table.size());
    part.count = static_cast<std::uint32_t>(elements.size());
    table.insert(table.end(), elements.begin(), elements.end());
    return part;
}

}  // namespace

std::uint32_t ImageBuilder::add_vm(manifest::Vm vm, std::span<const manifest::Disk> disks,
                                   std::span<const manifest::Interface> interfaces) {
    vm.disks = append_to(disks_, disks);
    vm.interfaces = append_to(interfaces_, interfaces);
    vms_.push_back(vm);
    return static_cast<std::uint32_t>(vms_.size());
}

void ImageBuilder::add_app(manifest::App app, std::span<const manifest::Mapping> mappings,
                           std::span<const manifest::Dependency> dependencies) {
    app.mappings = append_to(mappings_, mappings);
    app.dependencies = append_to(dependencies_, dependencies);
    apps_.push_back(app);
}

std::vector<manifest::Blob> ImageBuilder::place_blobs(std::uint64_t manifest_size) {
    std::vector<manifest::Blob> table;
    std::uint64_t offset = manifest_size;
    for (const Stored& stored : blobs_) {
        const std::uint64_t size = stored.content.size();
        if (size >= large_blob) offset = (offset + large_page_size - 1) & ~(large_page_size - 1);
        manifest::Blob blob;
        blob.offset = offset;
        blob.size = size;
        blob.kind = static_cast<std::uint8_t>(stored.kind);
        blob.sha256 = stored.sha256;
        table.push_back(blob);
        offset += page_aligned(size);
    }
    return table;
}

Outcome<std::vector<std::byte>> ImageBuilder::finish() && {
    const std::uint64_t tables =
        sizeof(manifest::ImageHeader) + blobs_.size() * sizeof(manifest::Blob) +
        apps_.size() * sizeof(manifest::App) + mappings_.size() * sizeof(manifest::Mapping) +
        vms_.size() * sizeof(manifest::Vm) + disks_.size() * sizeof(manifest::Disk) +
        interfaces_.size() * sizeof(manifest::Interface) +
        dependencies_.size() * sizeof(manifest::Dependency) +
        strings_.size() * sizeof(manifest::StringRef) + text_.size();
    if (tables > std::numeric_limits<std::uint32_t>::max() - page_size) {
        return fail(ErrorCode::ImageTooLarge, "manifest", std::to_string(tables) + " bytes");
    }
    const std::uint64_t manifest_size = page_aligned(tables);
    const std::vector<manifest::Blob> placed = place_blobs(manifest_size);

    manifest::ImageHeader header;
    ManifestWriter writer;
    header.blobs = writer.append(placed);
    header.apps = writer.append(apps_);
    header.mappings = writer.append(mappings_);
    header.vms = writer.append(vms_);
    header.disks = writer.append(disks_);
    header.interfaces = writer.append(interfaces_);
    header.dependencies = writer.append(dependencies_);
    header.strings = writer.append(strings_);
    header.text = writer.append(text_);
    header.root_server = root_server_;
    header.flags = flags_;
    header.manifest_size = static_cast<std::uint32_t>(manifest_size);
    header.image_size =
        placed.empty() ? manifest_size : placed.back().offset + page_aligned(placed.back().size);

    std::vector<std::byte> image = std::move(writer.bytes());
    image.resize(static_cast<std::size_t>(header.image_size));
    for (std::size_t i = 0; i < placed.size(); ++i) put(image, placed[i].offset, blobs_[i].content);
    seal(image, header);
    return image;
}

}  // namespace kos::pack

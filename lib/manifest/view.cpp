// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The checks are in the order in which they rely on each other: header, tables, blobs, strings,
// then each app with its mappings.
#include "lib/manifest/view.hpp"

#include "lib/base/address.hpp"
#include "lib/base/crc32.hpp"
#include "lib/manifest/require.hpp"

namespace kos::manifest {

namespace {

constexpr std::uint64_t crc_start = offsetof(ImageHeader, image_size);

bool table_fits(const Table& table, std::uint64_t element_size, std::uint64_t limit) {
    return table.count == 0 || (table.offset >= sizeof(ImageHeader) &&
                                range_within(table.offset, table.count * element_size, limit));
}

bool is_page_multiple(std::uint64_t value) { return is_aligned(value, page_size); }

}  // namespace

std::string_view describe(ImageError error) {
    switch (error) {
        case ImageError::Truncated:
            return "the image is shorter than it states";
        case ImageError::Magic:
            return "this is not a system image";
        case ImageError::Version:
            return "the image has another format version";
        case ImageError::Checksum:
            return "the manifest's checksum does not match";
        case ImageError::Table:
            return "a table lies outside the manifest";
        case ImageError::Blob:
            return "a blob lies outside the image or off its alignment";
        case ImageError::String:
            return "a string or list lies outside its table";
        case ImageError::App:
            return "an app's fields contradict each other";
        case ImageError::Mapping:
            return "a mapping is malformed, writable and executable, or overlaps another";
        case ImageError::Guest:
            return "a guest's memory, processors, blobs, disks or interfaces are out of range";
        case ImageError::Dependency:
            return "an app depends on one that is not before it, or on what it cannot become";
    }
    return "unknown error";
}

Result<ImageView, ImageError> ImageView::create(Bytes manifest, std::uint64_t image_size) {
    const auto header = read_at<ImageHeader>(manifest, 0);
    if (!header) return Err{ImageError::Truncated};
    KOS_TRY(require(header->magic == ImageHeader::expected_magic, ImageError::Magic));
    KOS_TRY(require(header->version == ImageHeader::expected_version, ImageError::Version));
    const std::uint64_t size = header->manifest_size;
    KOS_TRY(require(size >= sizeof(ImageHeader) && size <= manifest.size() &&
                        size <= header->image_size && header->image_size <= image_size &&
                        is_page_multiple(size) && is_page_multiple(header->image_size),
                    ImageError::Truncated));
    const Bytes whole = manifest.first(static_cast<std::size_t>(size));
    KOS_TRY(require(crc32(whole.subspan(crc_start)) == header->manifest_crc, ImageError::Checksum));

    const ImageView view{whole, *header};
    KOS_TRY(view.check_tables());
    KOS_TRY(view.check_blobs());
    KOS_TRY(view.check_strings());
    for (std::uint32_t number = 0; number < view.app_count(); ++number) {
        KOS_TRY(view.check_app(number));
    }
    KOS_TRY(view.check_direct());
    return view;
}

Checked ImageView::check_tables() const {
    const std::uint64_t limit = manifest_.size();
    return require(table_fits(header_.blobs, sizeof(Blob), limit) &&
                       table_fits(header_.apps, sizeof(App), limit) &&
                       table_fits(header_.mappings, sizeof(Mapping), limit) &&
                       table_fits(header_.strings, sizeof(StringRef), limit) &&
                       table_fits(header_.text, 1, limit) &&
                       table_fits(header_.vms, sizeof(Vm), limit) &&
                       table_fits(header_.disks, sizeof(Disk), limit) &&
                       table_fits(header_.interfaces, sizeof(Interface), limit) &&
                       table_fits(header_.dependencies, sizeof(Dependency), limit) &&
                       (header_.flags & ~system_flag::all) == 0,
                   ImageError::Table);
}

Checked ImageView::check_blobs() const {
    for (std::uint32_t number = 0; number < blob_count(); ++number) {
        const Blob entry = blob(number);
        KOS_TRY(require(is_page_multiple(entry.offset) && entry.offset >= manifest_.size() &&
                            range_within(entry.offset, entry.size, header_.image_size) &&
                            entry.kind >= static_cast<std::uint8_t>(BlobKind::RootServer) &&
                            entry.kind <= static_cast<std::uint8_t>(BlobKind::GatewayPlan),
                        ImageError::Blob));
    }
    return require(
        header_.root_server < blob_count() &&
            blob(header_.root_server).kind == static_cast<std::uint8_t>(BlobKind::RootServer),
        ImageError::Blob);
}

Checked ImageView::check_strings() const {
    for (std::uint32_t number = 0; number < header_.strings.count; ++number) {
        const auto reference = element<StringRef>(header_.strings, number);
        KOS_TRY(require(list_fits(reference.offset, reference.length, header_.text),
                        ImageError::String));
    }
    return {};
}

App ImageView::app(std::uint32_t number) const { return element<App>(header_.apps, number); }

Blob ImageView::blob(std::uint32_t number) const { return element<Blob>(header_.blobs, number); }

Mapping ImageView::mapping(const App& app, std::uint32_t number) const {
    return element<Mapping>(header_.mappings, std::uint64_t{app.mappings.offset} + number);
}

Vm ImageView::vm(const App& app) const {
    return element<Vm>(header_.vms, std::uint64_t{app.vm} - 1);
}

Disk ImageView::disk(const Vm& vm, std::uint32_t number) const {
    return element<Disk>(header_.disks, std::uint64_t{vm.disks.offset} + number);
}

Interface ImageView::interface(const Vm& vm, std::uint32_t number) const {
    return element<Interface>(header_.interfaces, std::uint64_t{vm.interfaces.offset} + number);
}

Dependency ImageView::dependency(const App& app, std::uint32_t number) const {
    return element<Dependency>(header_.dependencies,
                               std::uint64_t{app.dependencies.offset} + number);
}

std::string_view ImageView::text(StringRef reference) const {
    const auto bytes =
        slice(manifest_, std::uint64_t{header_.text.offset} + reference.offset, reference.length);
    if (!bytes) panic("ImageView: a string that create() checked is outside the manifest");
    return as_text(*bytes);
}

std::string_view ImageView::text(StringList list, std::uint32_t number) const {
    return text(element<StringRef>(header_.strings, std::uint64_t{list.first} + number));
}

}  // namespace kos::manifest

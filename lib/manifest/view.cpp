// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The checks are in the order in which they rely on each other: header, tables, blobs, strings,
// then each app with its mappings.
#include "lib/manifest/view.hpp"

#include "lib/base/address.hpp"
#include "lib/base/crc32.hpp"

namespace kos::manifest {

namespace {

using Checked = Result<void, ImageError>;

constexpr std::uint64_t crc_start = offsetof(ImageHeader, image_size);

Checked require(bool holds, ImageError error) {
    if (!holds) return Err{error};
    return {};
}

bool table_fits(const Table& table, std::uint64_t element_size, std::uint64_t limit) {
    return table.offset >= sizeof(ImageHeader) &&
           range_within(table.offset, table.count * element_size, limit);
}

bool list_fits(std::uint64_t first, std::uint64_t count, const Table& table) {
    return range_within(first, count, table.count);
}

bool is_page_multiple(std::uint64_t value) { return is_aligned(value, page_size); }

bool can_be_mapped(const Blob& blob) {
    const auto kind = static_cast<BlobKind>(blob.kind);
    return kind == BlobKind::Program || kind == BlobKind::Stubs || kind == BlobKind::Libos ||
           kind == BlobKind::Initrd;
}

bool names_blob(MappingSource source) {
    return source == MappingSource::Shared || source == MappingSource::Copied;
}

/// Rules that need no more than the mapping.
bool is_sensible(const Mapping& mapping) {
    const auto source = static_cast<MappingSource>(mapping.source);
    const std::uint64_t granule = std::uint64_t{1} << mapping.page_bits;
    const bool writable = (mapping.access & access::write) != 0;
    const bool executable = (mapping.access & access::execute) != 0;
    const bool file_backed = names_blob(source);
    return mapping.size != 0 && is_aligned<std::uint64_t>(mapping.address, granule) &&
           is_aligned<std::uint64_t>(mapping.size, granule) &&
           range_within(mapping.address, mapping.size, address_limit) &&
           !(writable && executable) && !(executable && !file_backed) &&
           !(writable && source == MappingSource::Shared) &&
           (source != MappingSource::None || mapping.access == 0) &&
           (file_backed || (mapping.file_size == 0 && mapping.blob_offset == 0));
}

bool has_known_values(const Mapping& mapping) {
    return mapping.kind >= static_cast<std::uint8_t>(MappingKind::Text) &&
           mapping.kind <= static_cast<std::uint8_t>(MappingKind::Guard) &&
           mapping.source >= static_cast<std::uint8_t>(MappingSource::Shared) &&
           mapping.source <= static_cast<std::uint8_t>(MappingSource::None) &&
           mapping.access <= (access::read | access::write | access::execute) &&
           (mapping.page_bits == page_bits || mapping.page_bits == large_page_bits);
}

/// The pages that mappings made beforehand take, as ObjectCounts has them.
struct PageCounts {
    std::uint64_t frames = 0, large_frames = 0, shared_frames = 0, shared_large = 0;

    void add(const Mapping& mapping) {
        const bool large = mapping.page_bits == large_page_bits;
        const std::uint64_t pages = mapping.size >> mapping.page_bits;
        switch (static_cast<MappingSource>(mapping.source)) {
            case MappingSource::Shared:
                (large ? shared_large : shared_frames) += pages;
                break;
            case MappingSource::Copied:
            case MappingSource::Zero:
                (large ? large_frames : frames) += pages;
                break;
            case MappingSource::Demand:
            case MappingSource::None:
                break;
        }
    }

    [[nodiscard]] bool equal(const ObjectCounts& objects) const {
        return frames == objects.frames && large_frames == objects.large_frames &&
               shared_frames == objects.shared_frames && shared_large == objects.shared_large;
    }
};

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
        KOS_TRY(view.check_app(view.app(number)));
    }
    return view;
}

Checked ImageView::check_tables() const {
    const std::uint64_t limit = manifest_.size();
    return require(table_fits(header_.blobs, sizeof(Blob), limit) &&
                       table_fits(header_.apps, sizeof(App), limit) &&
                       table_fits(header_.mappings, sizeof(Mapping), limit) &&
                       table_fits(header_.strings, sizeof(StringRef), limit) &&
                       table_fits(header_.text, 1, limit),
                   ImageError::Table);
}

Checked ImageView::check_blobs() const {
    for (std::uint32_t number = 0; number < blob_count(); ++number) {
        const Blob entry = blob(number);
        KOS_TRY(require(is_page_multiple(entry.offset) && entry.offset >= manifest_.size() &&
                            range_within(entry.offset, entry.size, header_.image_size) &&
                            entry.kind >= static_cast<std::uint8_t>(BlobKind::RootServer) &&
                            entry.kind <= static_cast<std::uint8_t>(BlobKind::Undo),
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

Checked ImageView::check_references(const App& app) const {
    for (const StringRef& text : {app.name, app.working_directory, app.executable, app.host_name}) {
        KOS_TRY(require(list_fits(text.offset, text.length, header_.text), ImageError::String));
    }
    for (const StringList& list : {app.arguments, app.environment, app.publishes}) {
        KOS_TRY(require(list_fits(list.first, list.count, header_.strings), ImageError::String));
    }
    const auto is_blob = [this](std::uint32_t number_plus_one, BlobKind kind) {
        return number_plus_one == 0 ||
               (number_plus_one <= blob_count() &&
                blob(number_plus_one - 1).kind == static_cast<std::uint8_t>(kind));
    };
    return require(is_blob(app.symbols, BlobKind::Symbols) && is_blob(app.undo, BlobKind::Undo) &&
                       list_fits(app.mappings.offset, app.mappings.count, header_.mappings),
                   ImageError::App);
}

Checked ImageView::check_app(const App& app) const {
    KOS_TRY(check_references(app));
    KOS_TRY(check_mappings(app));
    const auto kind = static_cast<AppKind>(app.kind);
    const ObjectCounts& objects = app.objects;
    KOS_TRY(require((kind == AppKind::Native || kind == AppKind::MicroVm) && app.threads >= 1 &&
                        app.priority <= app.max_priority && objects.vspaces >= 1 &&
                        objects.tcbs >= app.threads && objects.sched_contexts >= app.threads &&
                        objects.cnode_bits >= 1 && objects.cnode_bits <= max_cnode_bits &&
                        objects.object_cnode_bits >= 1 &&
                        objects.object_cnode_bits <= max_cnode_bits,
                    ImageError::App));
    return require(kind != AppKind::Native ||
                       (is_executable(app, app.entry) && is_executable(app, app.libos_start) &&
                        is_executable(app, app.libos_thread_start)),
                   ImageError::App);
}

Checked ImageView::check_mappings(const App& app) const {
    PageCounts pages;
    std::uint64_t previous_end = 0;
    for (std::uint32_t number = 0; number < app.mappings.count; ++number) {
        const Mapping entry = mapping(app, number);
        KOS_TRY(check_mapping(entry));
        KOS_TRY(require(entry.address >= previous_end, ImageError::Mapping));
        previous_end = entry.address + entry.size;
        pages.add(entry);
    }
    return require(pages.equal(app.objects), ImageError::App);
}

Checked ImageView::check_mapping(const Mapping& mapping) const {
    KOS_TRY(require(has_known_values(mapping) && is_sensible(mapping), ImageError::Mapping));
    const auto source = static_cast<MappingSource>(mapping.source);
    if (!names_blob(source)) return {};

    KOS_TRY(require(mapping.blob < blob_count(), ImageError::Mapping));
    const Blob from = blob(mapping.blob);
    KOS_TRY(require(can_be_mapped(from) && is_page_multiple(mapping.blob_offset) &&
                        mapping.file_size <= mapping.size &&
                        range_within(mapping.blob_offset, mapping.file_size, from.size),
                    ImageError::Mapping));
    if (source == MappingSource::Copied) return {};

    // Shared: whole pages of the image, and none that the blob has no byte of.
    const std::uint64_t granule = std::uint64_t{1} << mapping.page_bits;
    return require(is_aligned(from.offset + mapping.blob_offset, granule) &&
                       pages_for(mapping.file_size) * page_size == mapping.size,
                   ImageError::Mapping);
}

bool ImageView::is_executable(const App& app, std::uint64_t address) const {
    for (std::uint32_t number = 0; number < app.mappings.count; ++number) {
        const Mapping entry = mapping(app, number);
        if (address >= entry.address && address - entry.address < entry.size) {
            return (entry.access & access::execute) != 0;
        }
    }
    return false;
}

template <class T>
T ImageView::element(const Table& table, std::uint64_t number) const {
    if (number >= table.count) panic("ImageView: number is not below its count");
    const auto value = read_at<T>(manifest_, table.offset + number * sizeof(T));
    if (!value) panic("ImageView: a table that create() checked is outside the manifest");
    return *value;
}

App ImageView::app(std::uint32_t number) const { return element<App>(header_.apps, number); }

Blob ImageView::blob(std::uint32_t number) const { return element<Blob>(header_.blobs, number); }

Mapping ImageView::mapping(const App& app, std::uint32_t number) const {
    return element<Mapping>(header_.mappings, std::uint64_t{app.mappings.offset} + number);
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

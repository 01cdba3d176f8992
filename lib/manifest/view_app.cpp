// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Checks of what the image has for an app: its references, its mappings, its object counts.
#include "lib/base/address.hpp"
#include "lib/manifest/require.hpp"
#include "lib/manifest/view.hpp"

namespace kos::manifest {

namespace {

bool can_be_mapped(const Blob& blob) {
    const auto kind = static_cast<BlobKind>(blob.kind);
    return kind == BlobKind::Program || kind == BlobKind::Stubs || kind == BlobKind::Libos ||
           kind == BlobKind::Initrd || kind == BlobKind::GuestKernel ||
           kind == BlobKind::GuestInitrd || kind == BlobKind::Disk ||
           kind == BlobKind::MessagePlan || kind == BlobKind::GatewayPlan;
}

bool names_blob(MappingSource source) {
    return maps_image(source) || source == MappingSource::Copied;
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
           !(writable && maps_image(source)) &&
           (source != MappingSource::None || mapping.access == 0) &&
           ((source != MappingSource::Guest && source != MappingSource::Joined) ||
            mapping.page_bits == large_page_bits) &&
           (source != MappingSource::Lent || mapping.page_bits == page_bits) &&
           (file_backed || (mapping.file_size == 0 &&
                            (mapping.blob_offset == 0 || source == MappingSource::Lent)));
}

bool has_known_values(const Mapping& mapping) {
    return mapping.kind >= static_cast<std::uint8_t>(MappingKind::Text) &&
           mapping.kind <= static_cast<std::uint8_t>(MappingKind::GatewayPlan) &&
           mapping.source >= static_cast<std::uint8_t>(MappingSource::Shared) &&
           mapping.source <= static_cast<std::uint8_t>(MappingSource::Joined) &&
           mapping.access <= (access::read | access::write | access::execute) &&
           (mapping.page_bits == page_bits || mapping.page_bits == large_page_bits);
}

/// The pages that mappings made beforehand take, as ObjectCounts has them.
struct PageCounts {
    std::uint64_t frames = 0, large_frames = 0, shared_frames = 0, shared_large = 0, guest = 0;

    void add(const Mapping& mapping) {
        const bool large = mapping.page_bits == large_page_bits;
        const std::uint64_t pages = mapping.size >> mapping.page_bits;
        switch (static_cast<MappingSource>(mapping.source)) {
            case MappingSource::Shared:
            case MappingSource::Lent:
            case MappingSource::Joined:
                (large ? shared_large : shared_frames) += pages;
                break;
            case MappingSource::Copied:
            case MappingSource::Zero:
                (large ? large_frames : frames) += pages;
                break;
            case MappingSource::Guest:
                guest += pages;
                break;
            case MappingSource::Direct:
            case MappingSource::Demand:
            case MappingSource::None:
                break;
        }
    }

    [[nodiscard]] bool equal(const ObjectCounts& objects) const {
        return frames == objects.frames && large_frames == objects.large_frames &&
               shared_frames == objects.shared_frames && shared_large == objects.shared_large &&
               guest == objects.guest_frames;
    }
};

}  // namespace

Checked ImageView::check_references(const App& app) const {
    for (const StringRef& text :
         {app.name, app.working_directory, app.executable, app.host_name, app.ready_protocol}) {
        KOS_TRY(require(list_fits(text.offset, text.length, header_.text), ImageError::String));
    }
    for (const StringList& list : {app.arguments, app.environment, app.publishes}) {
        KOS_TRY(require(list_fits(list.first, list.count, header_.strings), ImageError::String));
    }
    const auto may_be_blob = [this](std::uint32_t number_plus_one, BlobKind kind) {
        return number_plus_one == 0 || is_blob(number_plus_one - 1, kind);
    };
    return require(may_be_blob(app.symbols, BlobKind::Symbols) &&
                       may_be_blob(app.undo, BlobKind::Undo) &&
                       list_fits(app.mappings.offset, app.mappings.count, header_.mappings),
                   ImageError::App);
}

bool ImageView::is_blob(std::uint32_t number, BlobKind kind) const {
    return number < blob_count() && blob(number).kind == static_cast<std::uint8_t>(kind);
}

/// How it is stopped, when it is ready, and what it waits for.
Checked ImageView::check_life(std::uint32_t number) const {
    const App life = app(number);
    KOS_TRY(require(
        life.restart <= static_cast<std::uint8_t>(RestartPolicy::OnFailure) &&
            life.stop_signal >= 1 && life.stop_signal <= max_signal &&
            life.readiness <= static_cast<std::uint8_t>(Readiness::Test) &&
            list_fits(life.dependencies.offset, life.dependencies.count, header_.dependencies),
        ImageError::App));
    for (std::uint32_t i = 0; i < life.dependencies.count; ++i) {
        const Dependency entry = dependency(life, i);
        KOS_TRY(require(entry.app < number && (entry.flags & ~dependency_flag::all) == 0 &&
                            entry.condition >= static_cast<std::uint8_t>(Condition::Started) &&
                            entry.condition <= static_cast<std::uint8_t>(Condition::Completed),
                        ImageError::Dependency));
        const bool needs_health = entry.condition == static_cast<std::uint8_t>(Condition::Healthy);
        KOS_TRY(require(!needs_health || app(entry.app).readiness != 0, ImageError::Dependency));
    }
    return {};
}

Checked ImageView::check_app(std::uint32_t number) const {
    const App app = this->app(number);
    KOS_TRY(check_references(app));
    KOS_TRY(check_life(number));
    KOS_TRY(check_mappings(app));
    const auto kind = static_cast<AppKind>(app.kind);
    const ObjectCounts& objects = app.objects;
    KOS_TRY(check_memberships(number));
    KOS_TRY(require(kind >= AppKind::Native && kind <= AppKind::Gateway && app.threads >= 1 &&
                        app.priority <= app.max_priority && app.max_priority <= priority_ceiling &&
                        objects.vspaces >= 1 && objects.tcbs >= app.threads &&
                        objects.sched_contexts >= app.threads && objects.cnode_bits >= 1 &&
                        objects.cnode_bits <= max_cnode_bits && objects.object_cnode_bits >= 1 &&
                        objects.object_cnode_bits <= max_cnode_bits,
                    ImageError::App));
    if (kind == AppKind::MicroVm) return check_guest(number);
    const bool has_libos = kind == AppKind::Native;
    return require(app.vm == 0 && objects.vcpus == 0 && objects.guest_frames == 0 &&
                       is_executable(app, app.entry) &&
                       (!has_libos || (is_executable(app, app.libos_start) &&
                                       is_executable(app, app.libos_thread_start))),
                   ImageError::App);
}

/// What is lent to an app lies within the area of a message server or switch before it, and is lent
/// to no other; switches, of microVMs alone, are behind message servers. What it may be joined to
/// is of a server before it as well.
Checked ImageView::check_memberships(std::uint32_t number) const {
    const App member = app(number);
    std::uint32_t memberships = 0;
    bool has_switch = false;
    for (std::uint32_t m = 0; m < member.mappings.count; ++m) {
        const Mapping entry = mapping(member, m);
        if (static_cast<MappingSource>(entry.source) == MappingSource::Joined) {
            KOS_TRY(require(entry.blob < number && message_area(entry.blob), ImageError::Mapping));
        }
        if (static_cast<MappingSource>(entry.source) != MappingSource::Lent) continue;
        KOS_TRY(require(++memberships <= max_memberships && entry.blob < number &&
                            is_aligned<std::uint64_t>(entry.blob_offset, page_size),
                        ImageError::Mapping));
        const auto area = message_area(entry.blob);
        KOS_TRY(require(area && range_within(entry.blob_offset, entry.size, area->size) &&
                            !is_lent_before(number, m, entry),
                        ImageError::Mapping));
        const bool is_switch = kind_of(entry.blob) == AppKind::NetworkSwitch;
        KOS_TRY(require(is_switch ? kind_of(number) == AppKind::MicroVm : !has_switch,
                        ImageError::Mapping));
        has_switch = is_switch;
    }
    return {};
}

std::optional<std::uint32_t> ImageView::server_of(const App& app, std::uint32_t membership) const {
    for (std::uint32_t m = 0; m < app.mappings.count; ++m) {
        const Mapping entry = mapping(app, m);
        if (static_cast<MappingSource>(entry.source) != MappingSource::Lent) continue;
        if (membership-- == 0) return entry.blob;
    }
    return std::nullopt;
}

std::optional<Mapping> ImageView::message_area(std::uint32_t number) const {
    const App server = app(number);
    if (!is_server(kind_of(number))) return std::nullopt;
    for (std::uint32_t m = 0; m < server.mappings.count; ++m) {
        const Mapping entry = mapping(server, m);
        if (entry.kind == static_cast<std::uint8_t>(MappingKind::MessageArea) &&
            entry.source == static_cast<std::uint8_t>(MappingSource::Zero)) {
            return entry;
        }
    }
    return std::nullopt;
}

bool ImageView::is_lent_before(std::uint32_t number, std::uint32_t last,
                               const Mapping& entry) const {
    for (std::uint32_t a = 0; a <= number; ++a) {
        const App other = app(a);
        const std::uint32_t count = a == number ? last : std::uint32_t{other.mappings.count};
        for (std::uint32_t m = 0; m < count; ++m) {
            const Mapping one = mapping(other, m);
            if (static_cast<MappingSource>(one.source) == MappingSource::Lent &&
                one.blob == entry.blob &&
                ranges_overlap(one.blob_offset, one.size, entry.blob_offset, entry.size)) {
                return true;
            }
        }
    }
    return false;
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
    KOS_TRY(require(can_be_mapped(from) &&
                        is_aligned<std::uint64_t>(mapping.blob_offset, page_size) &&
                        mapping.file_size <= mapping.size &&
                        range_within(mapping.blob_offset, mapping.file_size, from.size),
                    ImageError::Mapping));
    if (source == MappingSource::Copied) return {};

    // Whole pages of the image, and none that the blob has no byte of.
    const std::uint64_t granule = std::uint64_t{1} << mapping.page_bits;
    return require(is_aligned(from.offset + mapping.blob_offset, granule) &&
                       pages_for(mapping.file_size) * page_size == mapping.size,
                   ImageError::Mapping);
}

Checked ImageView::check_direct() const {
    for (std::uint32_t number = 0; number < app_count(); ++number) {
        const App owner = app(number);
        for (std::uint32_t m = 0; m < owner.mappings.count; ++m) {
            const Mapping entry = mapping(owner, m);
            if (static_cast<MappingSource>(entry.source) != MappingSource::Direct) continue;
            KOS_TRY(require(!has_other_owner({number, m}, entry), ImageError::Mapping));
        }
    }
    return {};
}

/// Whether a page of the Direct mapping \p entry is mapped directly a second time, or read by the
/// root server, which maps what it copies from by the image's capabilities too.
bool ImageView::has_other_owner(MappingPlace place, const Mapping& entry) const {
    const std::uint64_t start = image_offset(entry);
    for (std::uint32_t number = 0; number < app_count(); ++number) {
        const App other = app(number);
        for (std::uint32_t m = 0; m < other.mappings.count; ++m) {
            const Mapping candidate = mapping(other, m);
            const auto source = static_cast<MappingSource>(candidate.source);
            const bool takes_capability =
                source == MappingSource::Copied ||
                (source == MappingSource::Direct && (number != place.app || m != place.mapping));
            if (takes_capability && ranges_overlap(start, entry.size, image_offset(candidate),
                                                   pages_for(candidate.file_size) * page_size)) {
                return true;
            }
        }
    }
    return false;
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

}  // namespace kos::manifest

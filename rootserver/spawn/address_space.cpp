// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/spawn/address_space.hpp"

#include "rootserver/pager/scratch.hpp"
#include "rootserver/spawn/message_server.hpp"

#include <algorithm>

namespace kos::rootserver {

namespace {

using manifest::Mapping;
using manifest::MappingKind;
using manifest::MappingSource;

// access:: of the manifest and protect_… of lib/native give the same bits the same meaning.
static_assert(manifest::access::read == native::protect_read &&
              manifest::access::write == native::protect_write &&
              manifest::access::execute == native::protect_execute);

std::uint64_t frame_size(const Mapping& mapping) { return std::uint64_t{1} << mapping.page_bits; }

class AddressSpaceBuilder {
   public:
    AddressSpaceBuilder(const Root& root, App& app) : root_(root), app_(app) {}

    Attempt<> apply(std::uint32_t number) {
        const Mapping mapping = root_.image.manifest().mapping(app_.record, number);
        switch (static_cast<MappingSource>(mapping.source)) {
            case MappingSource::Shared:
                return share(mapping);
            case MappingSource::Direct:
                return map_image(mapping);
            case MappingSource::Copied:
                KOS_TRY(fill(number, mapping));
                return map_own(number, mapping);
            case MappingSource::Zero:
                return map_own(number, mapping);
            case MappingSource::Demand:
                return demand(mapping);
            case MappingSource::None:
                return {};
            case MappingSource::Lent:
                return share(mapping);
            case MappingSource::Guest:
                return alias_guest_memory(mapping);
            case MappingSource::Joined:
                reserve(mapping);
                return {};
        }
        return trouble(ErrorCode::ImageCorrupt, {"the source of the mapping at", mapping.address});
    }

   private:
    /// Copies of the image's frame capabilities, so that they go with the app, without the right
    /// to write; or of a message server's, with it.
    Attempt<> share(const Mapping& mapping) {
        const bool is_lent = static_cast<MappingSource>(mapping.source) == MappingSource::Lent;
        const std::uint64_t start = is_lent ? std::uint64_t{mapping.blob_offset}
                                            : root_.image.manifest().image_offset(mapping);
        const sel4::CPtr area = is_lent ? message_area_frames(root_, mapping.blob) : sel4::CPtr{};
        for (std::uint64_t offset = 0; offset < mapping.size; offset += frame_size(mapping)) {
            const sel4::CPtr shared = is_lent
                                          ? sel4::CPtr{area.value + (start + offset) / page_size}
                                          : root_.image.frame_at(start + offset);
            if (!is_lent && root_.image.frame_bits_at(start + offset) != mapping.page_bits) {
                return trouble(
                    ErrorCode::Unsupported,
                    {"capabilities to share for the large page at", mapping.address + offset});
            }
            const sel4::CPtr copy =
                app_.object_slot(app_.objects.first_shared_slot() + shared_count_);
            KOS_TRY(about({"the app's page at", mapping.address + offset},
                          sel4::cnode_copy(root_.cspace.slot(copy), root_.cspace.slot(shared),
                                           is_lent ? sel4::read_write : sel4::read_only)));
            count_shared(mapping);
            KOS_TRY(map(sel4::Cap<sel4::Frame>{copy}, mapping, offset, mapping.page_bits));
        }
        return {};
    }

    /// Pages of the image by its own capabilities: no copy is made, and release_image_pages()
    /// unmaps them again. The mapping takes the right to write away. Where the image lies in small
    /// frames, these are mapped in place of a large page: the plan has page tables for that.
    Attempt<> map_image(const Mapping& mapping) {
        const std::uint64_t start = root_.image.manifest().image_offset(mapping);
        for (std::uint64_t offset = 0; offset < mapping.size;) {
            const std::uint64_t bits = root_.image.frame_bits_at(start + offset);
            KOS_TRY(map(sel4::Cap<sel4::Frame>{root_.image.frame_at(start + offset)}, mapping,
                        offset, bits));
            offset += std::uint64_t{1} << bits;
        }
        return {};
    }

    /// Bytes of the blob for the frames of a Copied mapping; what is behind them stays zero.
    Attempt<> fill(std::uint32_t number, const Mapping& mapping) {
        const Bytes blob = root_.image.bytes_of(root_.image.manifest().blob(mapping.blob));
        const Bytes bytes = blob.subspan(mapping.blob_offset, mapping.file_size);
        const std::uint64_t first =
            first_frame_of(app_, root_.image.manifest(), number).cptr().value;
        const bool executable = (mapping.access & manifest::access::execute) != 0;
        for (std::uint64_t offset = 0; offset < bytes.size(); offset += frame_size(mapping)) {
            const sel4::Cap<sel4::Frame> frame{first + offset / frame_size(mapping)};
            const Bytes part =
                bytes.subspan(offset, std::min(bytes.size() - offset, frame_size(mapping)));
            const MutableBytes target = KOS_TRY(map_scratch(frame, 1, mapping.page_bits));
            std::copy(part.begin(), part.end(), target.begin());
            KOS_TRY(unmap_scratch(frame, 1, mapping.page_bits, executable));
        }
        return {};
    }

    Attempt<> map_own(std::uint32_t number, const Mapping& mapping) {
        const std::uint64_t first =
            first_frame_of(app_, root_.image.manifest(), number).cptr().value;
        for (std::uint64_t offset = 0; offset < mapping.size; offset += frame_size(mapping)) {
            const sel4::Cap<sel4::Frame> frame{first + offset / frame_size(mapping)};
            KOS_TRY(map(frame, mapping, offset, mapping.page_bits));
        }
        return {};
    }

    /// A second capability for each frame, as one capability is one mapping.
    Attempt<> alias_guest_memory(const Mapping& mapping) {
        const std::uint64_t first = app_.objects.first_guest_slot();
        const std::uint64_t frames = app_.objects.guest_frames();
        for (std::uint64_t i = 0; i < frames; ++i) {
            const sel4::CPtr copy = app_.object_slot(first + frames + i);
            const sel4::CPtr frame = app_.object_slot(first + i);
            KOS_TRY(about({"the guest's memory, frame", i},
                          sel4::cnode_copy(root_.cspace.slot(copy), root_.cspace.slot(frame),
                                           sel4::read_write)));
            app_.usage.slots = app_.usage.slots + 1;
            KOS_TRY(
                map(sel4::Cap<sel4::Frame>{copy}, mapping, i << large_page_bits, large_page_bits));
        }
        return {};
    }

    Attempt<> demand(const Mapping& mapping) {
        const VirtualAddress start{mapping.address};
        const Range range{start, start + mapping.size};
        const bool noted = mapping.kind == static_cast<std::uint8_t>(MappingKind::Stack)
                               ? app_.pager.add_region(range, mapping.access)
                               : app_.pager.add_window(range);
        if (noted) return {};
        return trouble(ErrorCode::ImageCorrupt, {"too many areas to page, at", mapping.address});
    }

    Attempt<> map(sel4::Cap<sel4::Frame> frame, const Mapping& mapping, std::uint64_t offset,
                  std::uint64_t bits) {
        const VirtualAddress address = VirtualAddress{mapping.address} + offset;
        KOS_TRY(app_.pager.provide_tables(address, bits));
        const auto [rights, attributes] = page_access(mapping.access);
        KOS_TRY(about({"the app's page at", address.value()},
                      sel4::page_map(frame, app_.vspace(), address.value(), rights, attributes)));
        app_.usage.maps = app_.usage.maps + 1;
        app_.usage.pages = app_.usage.pages + (std::uint32_t{1} << (bits - page_bits));
        return {};
    }

    /// Slots for what a message server will ask for (rootserver/spawn/lanes.hpp).
    void reserve(const Mapping& mapping) {
        const std::uint64_t pages = mapping.size >> mapping.page_bits;
        for (std::uint64_t i = 0; i < pages; ++i) count_shared(mapping);
    }

    void count_shared(const Mapping& mapping) {
        manifest::ObjectCounts& counts = app_.usage.objects;
        Le32& count =
            mapping.page_bits == large_page_bits ? counts.shared_large : counts.shared_frames;
        count = count + 1;
        app_.usage.slots = app_.usage.slots + 1;
        ++shared_count_;
    }
    const Root& root_;
    App& app_;
    std::uint64_t shared_count_ = 0;
};

}  // namespace

Attempt<> build_address_space(const Root& root, App& app) {
    KOS_TRY(about({"the ASID of app", app.number},
                  sel4::asid_pool_assign(sel4::Cap<sel4::AsidPool>{sel4::root_slot::asid_pool},
                                         app.vspace())));
    AddressSpaceBuilder builder{root, app};
    for (std::uint32_t number = 0; number < app.record.mappings.count; ++number) {
        const std::uint8_t kind = root.image.manifest().mapping(app.record, number).kind;
        if (kind == static_cast<std::uint8_t>(MappingKind::ThreadArea)) continue;
        KOS_TRY(builder.apply(number));
    }
    return {};
}

Attempt<> map_thread_area(const Root& root, App& app, std::uint64_t thread) {
    const VirtualAddress block = native::thread_block_address(thread);
    const auto number = mapping_at(app, root.image.manifest(), block);
    if (!number) return trouble(ErrorCode::ImageCorrupt, {"no area for thread", thread});
    return AddressSpaceBuilder{root, app}.apply(*number);
}

sel4::Invoked release_image_pages(const Root& root, const App& app) {
    sel4::Invoked outcome;
    for (std::uint32_t number = 0; number < app.record.mappings.count; ++number) {
        const Mapping mapping = root.image.manifest().mapping(app.record, number);
        if (static_cast<MappingSource>(mapping.source) != MappingSource::Direct) continue;
        const std::uint64_t start = root.image.manifest().image_offset(mapping);
        for (std::uint64_t offset = 0; offset < mapping.size;) {
            const sel4::Cap<sel4::Frame> frame{root.image.frame_at(start + offset)};
            offset += std::uint64_t{1} << root.image.frame_bits_at(start + offset);
            const sel4::Invoked first = sel4::page_unmap(frame);
            if (first) continue;
            if (outcome) outcome = first;
            (void)sel4::page_unmap(frame);  // the first failure is the one to report
        }
    }
    return outcome;
}

}  // namespace kos::rootserver

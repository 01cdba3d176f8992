// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/boot/system_image.hpp"

#include <algorithm>
#include <bit>

namespace kos::rootserver {

namespace {

using manifest::BlobKind;
using manifest::ImageView;
using manifest::MappingSource;

constexpr std::uint64_t pages_per_step = large_page_size / page_size;

bool is_read_by_root_server(BlobKind kind) {
    return kind == BlobKind::Program || kind == BlobKind::Libos || kind == BlobKind::Symbols;
}

/// Makes frames of an image's pages and maps them; pages are numbered from the image's start.
class FrameMaker {
   public:
    FrameMaker(SystemImage::Sources sources, PhysicalAddress base)
        : sources_(sources), base_(base), frames_(sources.cspace.window(top_slot::image_frames)) {}

    Attempt<> make(std::uint64_t first, std::uint64_t count, std::uint64_t frame_bits) {
        const PhysicalAddress start = base_ + first * page_size;
        return sources_.memory.make_device_frames(start, count, static_cast<unsigned>(frame_bits),
                                                  frames_, first);
    }
    Attempt<> map(std::uint64_t first, std::uint64_t count, std::uint64_t frame_bits) {
        const std::uint64_t pages_per_frame = 1u << (frame_bits - page_bits);
        for (std::uint64_t page = first; page < first + count * pages_per_frame;
             page += pages_per_frame) {
            KOS_TRY(sources_.vspace.map(
                sel4::Cap<sel4::Frame>{frames_.cptr(page)}, window::image + page * page_size,
                frame_bits, sel4::read_only, sel4::VmAttributes::CacheableExecuteNever));
        }
        return {};
    }
    [[nodiscard]] bool starts_large_page(std::uint64_t page) const {
        return page % pages_per_step == 0 && base_.is_aligned(large_page_size);
    }

   private:
    SystemImage::Sources sources_;
    PhysicalAddress base_;
    caps::CNodeWindow frames_;
};

/// The first page of the 2 MiB behind those of \p page.
std::uint64_t next_step(std::uint64_t page) { return (page / pages_per_step + 1) * pages_per_step; }

/// How the apps map the 2 MiB that \p offset of the image lies in.
struct StepUse {
    bool by_large_pages = false;
    bool by_small_pages = false;
};

StepUse use_of_step(const ImageView& view, std::uint64_t offset) {
    const std::uint64_t step = align_down(offset, large_page_size);
    StepUse use;
    for (std::uint32_t a = 0; a < view.app_count(); ++a) {
        const manifest::App app = view.app(a);
        for (std::uint32_t m = 0; m < app.mappings.count; ++m) {
            const manifest::Mapping mapping = view.mapping(app, m);
            if (static_cast<MappingSource>(mapping.source) != MappingSource::Shared) continue;
            const std::uint64_t start = view.blob(mapping.blob).offset + mapping.blob_offset;
            if (!ranges_overlap(start, mapping.size, step, large_page_size)) continue;
            (mapping.page_bits == large_page_bits ? use.by_large_pages : use.by_small_pages) = true;
        }
    }
    return use;
}

/// Frames for the pages [first, end); large ones are mapped at once.
Attempt<> make_frames(FrameMaker& frames, const ImageView& view, std::uint64_t first,
                      std::uint64_t end) {
    for (std::uint64_t page = first; page < end;) {
        const std::uint64_t next = std::min(end, next_step(page));
        const StepUse use = use_of_step(view, page * page_size);
        if (frames.starts_large_page(page) && next - page == pages_per_step && use.by_large_pages &&
            !use.by_small_pages) {
            KOS_TRY(frames.make(page, 1, large_page_bits));
            KOS_TRY(frames.map(page, 1, large_page_bits));
        } else if (use.by_large_pages) {
            return trouble(ErrorCode::ImageCorrupt,
                           {"mapped by large pages but not one: the 2 MiB at", page * page_size});
        } else {
            KOS_TRY(frames.make(page, next - page, page_bits));
        }
        page = next;
    }
    return {};
}

/// Maps the small frames of the blobs that the root server reads.
Attempt<> map_what_is_read(FrameMaker& frames, const ImageView& view) {
    for (std::uint32_t number = 0; number < view.blob_count(); ++number) {
        const manifest::Blob blob = view.blob(number);
        if (!is_read_by_root_server(static_cast<BlobKind>(blob.kind))) continue;
        const std::uint64_t end = pages_for(blob.offset + blob.size);
        for (std::uint64_t page = blob.offset / page_size; page < end;) {
            const std::uint64_t next = std::min(end, next_step(page));
            const bool is_large = use_of_step(view, page * page_size).by_large_pages;
            if (!is_large) KOS_TRY(frames.map(page, next - page, page_bits));
            page = next;
        }
    }
    return {};
}

Err<Trouble> refuse(manifest::ImageError error) {
    const ErrorCode code =
        error == manifest::ImageError::Version ? ErrorCode::ImageVersion : ErrorCode::ImageCorrupt;
    return trouble(code, {manifest::describe(error)});
}

}  // namespace

Attempt<SystemImage> SystemImage::create(Sources sources, PhysicalAddress base,
                                         std::uint64_t size) {
    const std::uint64_t pages = size / page_size;
    if (pages == 0 || !base.is_aligned(page_size)) return refuse(manifest::ImageError::Truncated);
    const auto cnode_bits = std::max(1u, static_cast<unsigned>(std::bit_width(pages - 1)));
    const Subject cnode_subject{"the CNode of the system image's frames"};
    const sel4::CPtr cnode =
        KOS_TRY(sources.memory.make(sel4::ObjectType::CNode, cnode_bits, cnode_subject));
    KOS_TRY(sources.cspace.attach(cnode, cnode_bits, top_slot::image_frames));
    sources.memory.release_slot(cnode);

    FrameMaker frames{sources, base};
    KOS_TRY(frames.make(0, 1, page_bits));
    KOS_TRY(frames.map(0, 1, page_bits));
    const auto header = read_at<manifest::ImageHeader>(memory_at(window::image, page_size), 0);
    const std::uint64_t manifest_pages = pages_for(header->manifest_size);
    if (manifest_pages > pages) return refuse(manifest::ImageError::Truncated);
    if (manifest_pages > 1) {
        KOS_TRY(frames.make(1, manifest_pages - 1, page_bits));
        KOS_TRY(frames.map(1, manifest_pages - 1, page_bits));
    }

    const Bytes manifest_bytes = memory_at(window::image, manifest_pages * page_size);
    auto view = ImageView::create(manifest_bytes, size);
    if (!view) return refuse(view.error());
    const std::uint64_t used_pages = view->header().image_size / page_size;
    KOS_TRY(make_frames(frames, *view, std::max<std::uint64_t>(manifest_pages, 1), used_pages));
    KOS_TRY(map_what_is_read(frames, *view));
    return SystemImage{*view};
}

Bytes SystemImage::bytes_of(const manifest::Blob& blob) const {
    return memory_at(window::image + blob.offset, blob.size);
}

}  // namespace kos::rootserver

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/boot/system_image.hpp"

#include <algorithm>
#include <bit>

namespace kos::rootserver {

namespace {

using manifest::BlobKind;
using manifest::ImageView;
using manifest::Mapping;
using manifest::MappingSource;

constexpr std::uint64_t pages_per_step = large_page_size / page_size;

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
    /// Whether a large frame can be made of the step that begins at \p page.
    [[nodiscard]] bool can_be_large(std::uint64_t page) const {
        return (base_ + page * page_size).is_aligned(large_page_size);
    }

   private:
    SystemImage::Sources sources_;
    PhysicalAddress base_;
    caps::CNodeWindow frames_;
};

/// The first page of the 2 MiB behind those of \p page.
std::uint64_t next_step(std::uint64_t page) { return (page / pages_per_step + 1) * pages_per_step; }

/// Whether \p holds is true of a mapping of an app.
template <class Predicate>
bool any_mapping(const ImageView& view, Predicate&& holds) {
    for (std::uint32_t a = 0; a < view.app_count(); ++a) {
        const manifest::App app = view.app(a);
        for (std::uint32_t m = 0; m < app.mappings.count; ++m) {
            if (holds(view.mapping(app, m))) return true;
        }
    }
    return false;
}

/// Whether an app maps a part of the 2 MiB at \p step of the image by small pages.
bool is_mapped_by_small_pages(const ImageView& view, std::uint64_t step) {
    return any_mapping(view, [&](const Mapping& mapping) {
        return maps_image(static_cast<MappingSource>(mapping.source)) &&
               mapping.page_bits != large_page_bits &&
               ranges_overlap(view.image_offset(mapping), mapping.size, step, large_page_size);
    });
}

/// Pages that follow each other, all of which the root server reads itself, or none.
struct Stretch {
    bool is_read;
    std::uint64_t end;
};

/// That of \p page, as far as \p end. The root server reads the manifest, symbols, and what it
/// copies into frames of apps.
Stretch stretch_at(const ImageView& view, std::uint64_t page, std::uint64_t end) {
    Stretch stretch{false, end};
    const auto consider = [&](std::uint64_t offset, std::uint64_t size) {
        const std::uint64_t first = offset / page_size;
        const std::uint64_t behind = size == 0 ? first : pages_for(offset + size);
        if (page < first) stretch.end = std::min(stretch.end, first);
        if (page < first || page >= behind) return;
        stretch.end = std::min(stretch.end, behind);
        stretch.is_read = true;
    };
    consider(0, view.header().manifest_size);
    for (std::uint32_t number = 0; number < view.blob_count(); ++number) {
        const manifest::Blob blob = view.blob(number);
        if (static_cast<BlobKind>(blob.kind) == BlobKind::Symbols) consider(blob.offset, blob.size);
    }
    any_mapping(view, [&](const Mapping& mapping) {
        if (static_cast<MappingSource>(mapping.source) == MappingSource::Copied) {
            consider(view.image_offset(mapping), mapping.file_size);
        }
        return false;
    });
    return stretch;
}

/// The pages [first, end) of an image: everything but its manifest.
struct Pages {
    std::uint64_t first, end;

    /// Those that lie in one 2 MiB step with \p page, from it on.
    [[nodiscard]] std::uint64_t end_of_step(std::uint64_t page) const {
        return std::min(end, next_step(page));
    }
};

/// Makes the frames, large ones where no app maps a part of the step by small pages, and maps what
/// the root server reads.
class ImageFrames {
   public:
    ImageFrames(FrameMaker& frames, const ImageView& view, Pages pages)
        : frames_(frames), view_(view), pages_(pages) {}

    /// Notes the large ones in \p steps.
    Attempt<> make(LargeSteps& steps) {
        for (std::uint64_t page = pages_.first; page < pages_.end;) {
            const std::uint64_t next = pages_.end_of_step(page);
            const bool large = is_large(page) && steps.add(page * page_size);
            const std::uint64_t bits = large ? large_page_bits : page_bits;
            KOS_TRY(frames_.make(page, large ? 1 : next - page, bits));
            while (page < next) {
                const Stretch stretch = stretch_at(view_, page, next);
                if (stretch.is_read && large) {
                    page = next;
                    KOS_TRY(frames_.map(next - pages_per_step, 1, bits));
                } else {
                    if (stretch.is_read) KOS_TRY(frames_.map(page, stretch.end - page, bits));
                    page = stretch.end;
                }
            }
        }
        return {};
    }

   private:
    /// Whether the step of \p page can be one large frame.
    [[nodiscard]] bool is_large(std::uint64_t page) const {
        const std::uint64_t step = page / pages_per_step * pages_per_step;
        return frames_.can_be_large(step) && step >= pages_.first &&
               step + pages_per_step <= pages_.end &&
               !is_mapped_by_small_pages(view_, step * page_size);
    }

    FrameMaker& frames_;
    const ImageView& view_;
    Pages pages_;
};

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
    ImageFrames of_blobs{frames, *view, {std::max<std::uint64_t>(manifest_pages, 1), used_pages}};
    SystemImage image{*view, window::image, RootCSpace::base(top_slot::image_frames)};
    KOS_TRY(of_blobs.make(image.large_));
    return image;
}

Attempt<SystemImage> SystemImage::adopt(VirtualAddress address, sel4::CPtr first_frame,
                                        std::uint64_t size) {
    const auto view = ImageView::create(memory_at(address, size), size);
    if (!view) return refuse(view.error());
    const SystemImage image{*view, address, first_frame};
    const std::uint64_t pages = size / page_size;
    for (std::uint64_t page = 0; page < pages;) {
        const Stretch stretch = stretch_at(*view, page, pages);
        for (; page < stretch.end; ++page) {
            const sel4::Cap<sel4::Frame> frame{image.frame_at(page * page_size)};
            const std::uint64_t at = (address + page * page_size).value();
            const sel4::Invoked done =
                stretch.is_read
                    ? sel4::page_map(frame, sel4::Cap<sel4::VSpace>{sel4::root_slot::vspace}, at,
                                     sel4::read_only, sel4::VmAttributes::CacheableExecuteNever)
                    : sel4::page_unmap(frame);
            KOS_TRY(about({"the system image's page at", at}, done));
        }
    }
    return image;
}

Bytes SystemImage::bytes_of(const manifest::Blob& blob) const {
    return memory_at(address_ + blob.offset, blob.size);
}

}  // namespace kos::rootserver

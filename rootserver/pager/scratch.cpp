// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/pager/scratch.hpp"

#include "rootserver/boot/root_vspace.hpp"

#include <algorithm>

namespace kos::rootserver {

namespace {

constexpr Subject scratch_subject{"the scratch window"};

sel4::Cap<sel4::Frame> frame_behind(sel4::Cap<sel4::Frame> first, std::uint64_t index) {
    return sel4::Cap<sel4::Frame>{first.cptr().value + index};
}

}  // namespace

Attempt<MutableBytes> map_scratch(sel4::Cap<sel4::Frame> first, std::uint64_t count,
                                  std::uint64_t page_bits) {
    if (count > max_scratch_frames) panic("map_scratch: more frames than the window holds");
    const VirtualAddress start =
        page_bits == large_page_bits ? window::scratch_large_page : window::scratch_page;
    for (std::uint64_t i = 0; i < count; ++i) {
        const VirtualAddress address = start + (i << page_bits);
        KOS_TRY(
            about(scratch_subject,
                  sel4::page_map(frame_behind(first, i),
                                 sel4::Cap<sel4::VSpace>{sel4::root_slot::vspace}, address.value(),
                                 sel4::read_write, sel4::VmAttributes::CacheableExecuteNever)));
    }
    return memory_at(start, count << page_bits);
}

Attempt<> unmap_scratch(sel4::Cap<sel4::Frame> first, std::uint64_t count, std::uint64_t page_bits,
                        bool executable) {
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto frame = frame_behind(first, i);
        if (executable) {
            KOS_TRY(about(scratch_subject,
                          sel4::page_unify_instruction(frame, 0, std::uint64_t{1} << page_bits)));
        }
        KOS_TRY(about(scratch_subject, sel4::page_unmap(frame)));
    }
    return {};
}

Attempt<> clear_frame(sel4::Cap<sel4::Frame> frame) {
    const MutableBytes bytes = KOS_TRY(map_scratch(frame, 1, page_bits));
    std::fill(bytes.begin(), bytes.end(), std::byte{0});
    return unmap_scratch(frame, 1, page_bits);
}

}  // namespace kos::rootserver

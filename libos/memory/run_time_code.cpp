// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Code that becomes executable at run time: rewritten as the packer rewrites a program's
// (loader/rewrite), with stubs of its own nearby.
//
//   code area (read, write)  ──rewrite──►  code area (read, execute)
//                            stubs, undo   stub area (read, execute)
//
// Left out: giving a stub area back, since a thread may be in one of its calls.
#include "lib/native/manager.hpp"
#include "lib/sel4/syscall.hpp"
#include "libos/core/manager.hpp"
#include "libos/memory/address_space.hpp"
#include "loader/rewrite/rewrite.hpp"

#include <algorithm>

namespace kos::libos {

namespace {

constexpr std::uint8_t read_write =
    static_cast<std::uint8_t>(native::protect_read | native::protect_write);
constexpr std::uint8_t read_execute =
    static_cast<std::uint8_t>(native::protect_read | native::protect_execute);

/// A branch reaches 128 MiB; this leaves room for the stubs themselves.
constexpr std::uint64_t stub_distance = 120u << 20;

MutableBytes bytes_at(const Range& range) {
    return {sel4::vspace_pointer(range.start.value()), static_cast<std::size_t>(range.size)};
}

/// The undo table lies behind the stubs.
std::span<manifest::Undo> undo_table(MutableBytes area, std::size_t stub_bytes, std::size_t count) {
    return {reinterpret_cast<manifest::Undo*>(area.subspan(stub_bytes).data()), count};
}

}  // namespace

/// The part of the window from which stubs reach code at \p code.
Range AddressSpace::near(const Range& code) const {
    const std::uint64_t before = std::min<std::uint64_t>(stub_distance, code.start - window_.start);
    const std::uint64_t behind = std::min<std::uint64_t>(stub_distance, window_.end() - code.end());
    return range_between(code.start - before, code.end() + behind);
}

Outcome<void> AddressSpace::rewrite_code(const Range& range) {
    const rewrite::Code code{range.start, bytes_at(range)};
    const rewrite::Counts counts = rewrite::measure({&code, 1});
    if (counts.sites() == 0) return {};
    const std::uint64_t stub_bytes = counts.stub_bytes() + counts.stub_bytes() % sizeof(Word);
    const auto size =
        align_up<std::uint64_t>(stub_bytes + counts.sites() * sizeof(manifest::Undo), page_size);
    const auto place = areas_.find_free(*size, near(range));
    if (!place) return Err{Errno::Enomem};
    KOS_TRY(map_unlocked({place->start, place->size, read_write, true, false}));
    const MutableBytes area = bytes_at(*place);
    const auto undo = undo_table(area, stub_bytes, counts.sites());
    const auto rewritten =
        rewrite::rewrite({&code, 1}, {place->start, area.first(stub_bytes)}, undo);
    // Another thread has written to the code meanwhile: whoever does that has no claim to a result.
    if (!rewritten) return Err{Errno::Eagain};
    if (const auto done = manager::protect(*place, read_execute); !done) {
        // The app may try again: its code must not branch to where no stubs are.
        rewrite::restore(undo, code);
        KOS_TRY(unmap_unlocked(*place));
        return Err{done.error()};
    }
    return areas_.set({*place, read_execute, AreaUse::Mapped});
}

/// \p area is mapped. What was executable already cannot have changed.
Outcome<void> AddressSpace::make_executable(const Area& area, std::uint8_t protection) {
    if ((area.protection & native::protect_execute) == 0) {
        if (area.protection != read_write) KOS_TRY(manager::protect(area.range, read_write));
        KOS_TRY(rewrite_code(area.range));
    }
    KOS_TRY(manager::protect(area.range, protection));
    return areas_.set({area.range, protection, AreaUse::Mapped});
}

}  // namespace kos::libos

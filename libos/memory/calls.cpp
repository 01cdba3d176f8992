// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Memory calls.
#include "libos/dispatch/calls.hpp"

#include "lib/native/manager.hpp"
#include "libos/abi/memory.hpp"
#include "libos/core/manager.hpp"
#include "libos/core/process.hpp"

#include <algorithm>
#include <cstring>

namespace kos::libos::calls {

namespace {

namespace map_flag = abi::map_flag;

/// Page-aligned, not empty, not wrapping; the size is rounded up.
Outcome<Range> range_of(Word address, Word size) {
    const auto rounded = align_up<Word>(size, page_size);
    if (!is_aligned<Word>(address, page_size) || !rounded || *rounded == 0 ||
        !range_within(address, *rounded, native::user_limit.value())) {
        return Err{Errno::Einval};
    }
    return Range{VirtualAddress{address}, *rounded};
}

Outcome<std::uint8_t> protection_of(unsigned protection) {
    constexpr unsigned known =
        native::protect_read | native::protect_write | native::protect_execute;
    if ((protection & native::protect_write) != 0 && (protection & native::protect_execute) != 0) {
        manager::log("memory is never writable and executable at once");
        return Err{Errno::Eacces};
    }
    // Others (PROT_GROWSDOWN, PROT_BTI, …) Linux takes or leaves depending on the machine.
    if ((protection & ~known) != 0) return Err{Errno::Einval};
    return static_cast<std::uint8_t>(protection);
}

/// Copies what the file has from `offset` on; behind its end the zeros stay.
Outcome<void> fill(File& file, Range range, Word offset) {
    MutableBytes rest{sel4::vspace_pointer(range.start.value()),
                      static_cast<std::size_t>(range.size)};
    while (!rest.empty()) {
        const Word taken = KOS_TRY(file.read_at(rest, offset));
        if (taken == 0) break;
        rest = rest.subspan(taken);
        offset += taken;
    }
    return {};
}

/// A private copy of a file's part. Shared mappings of the image can be copies as well: its files
/// never change. One in memory does, and its pages cannot lie in two places.
Answer map_file(MapRequest request, unsigned flags, Descriptor descriptor, Word offset) {
    const FileReference file = KOS_TRY(process().descriptors.get(descriptor));
    const bool shared = (flags & map_flag::type_mask) != map_flag::private_copy;
    const bool writes = (request.protection & native::protect_write) != 0;
    if (!is_aligned<Word>(offset, page_size)) return Err{Errno::Einval};
    if (!file->node()) return Err{Errno::Enodev};
    if (shared && process().files.tree()[*file->node()].in_memory()) {
        manager::log("mmap: files in memory cannot be shared");
        return Err{Errno::Enodev};
    }
    if (!file->readable() || (shared && writes && !file->writable())) return Err{Errno::Eacces};
    const std::uint8_t protection = request.protection;
    request.protection = static_cast<std::uint8_t>(native::protect_read | native::protect_write);
    const VirtualAddress address = KOS_TRY(process().memory.map(request));
    const Range range{address, request.size};
    KOS_TRY(fill(*file, range, offset));
    if (protection != request.protection) KOS_TRY(process().memory.protect(range, protection));
    return address.value();
}

bool known_type(unsigned flags) {
    const unsigned type = flags & map_flag::type_mask;
    return type == map_flag::shared || type == map_flag::private_copy ||
           type == map_flag::shared_validate;
}

}  // namespace

Answer brk(Word address) { return process().memory.set_break(VirtualAddress{address}).value(); }

Answer mmap(Word hint, Word size, unsigned protection, unsigned flags, Descriptor file,
            Word offset) {
    const bool no_replace = (flags & map_flag::fixed_no_replace) != 0;
    const bool fixed = (flags & map_flag::fixed) != 0 || no_replace;
    const auto rounded = align_up<Word>(size, page_size);
    if (size == 0 || !known_type(flags)) return Err{Errno::Einval};
    if (!rounded || *rounded > native::user_limit.value()) return Err{Errno::Enomem};
    if (fixed) KOS_TRY(range_of(hint, *rounded));
    const bool usable_hint =
        range_within(align_down<Word>(hint, page_size), *rounded, native::user_limit.value());
    const MapRequest request{VirtualAddress{usable_hint ? align_down<Word>(hint, page_size) : 0},
                             *rounded, KOS_TRY(protection_of(protection)), fixed, !no_replace};
    if ((flags & map_flag::huge_pages) != 0) return Err{Errno::Enomem};
    if ((flags & map_flag::anonymous) == 0) return map_file(request, flags, file, offset);
    const VirtualAddress address = KOS_TRY(process().memory.map(request));
    if ((flags & map_flag::populate) != 0) {
        // Best effort, as on Linux: what is not there now is paged in later.
        static_cast<void>(process().memory.commit({address, request.size}));
    }
    return address.value();
}

Answer munmap(Word address, Word size) {
    KOS_TRY(process().memory.unmap(KOS_TRY(range_of(address, size))));
    return Word{0};
}

Answer mprotect(Word address, Word size, unsigned protection) {
    if (size == 0) return Word{0};
    const Range range = KOS_TRY(range_of(address, size));
    KOS_TRY(process().memory.protect(range, KOS_TRY(protection_of(protection))));
    return Word{0};
}

Answer mremap(Word address, Word old_size, Word size, unsigned flags) {
    if ((flags & ~abi::remap_flag::may_move) != 0) return Err{Errno::Einval};
    const Range range = KOS_TRY(range_of(address, old_size));
    const Range wanted = KOS_TRY(range_of(address, size));
    const bool may_move = (flags & abi::remap_flag::may_move) != 0;
    return KOS_TRY(process().memory.resize(range, wanted.size, may_move)).value();
}

Answer madvise(Word address, Word size, int advice) {
    if (size == 0) return Word{0};
    const Range range = KOS_TRY(range_of(address, size));
    switch (advice) {
        case abi::advice::dont_need:
            KOS_TRY(process().memory.discard(range));
            return Word{0};
        case abi::advice::populate_read:
        case abi::advice::populate_write:
            KOS_TRY(process().memory.commit(range));
            return Word{0};
        case abi::advice::remove:
            return Err{Errno::Einval};
        default:  // a hint, and one that changes nothing here
            return Word{0};
    }
}

Answer msync(Word address, Word size, unsigned /*flags*/) {
    if (size != 0) KOS_TRY(range_of(address, size));
    return Word{0};
}

Answer mlock(Word address, Word size) {
    if (size == 0) return Word{0};
    const Range range =
        KOS_TRY(range_of(align_down<Word>(address, page_size), size + address % page_size));
    KOS_TRY(process().memory.commit(range));
    return Word{0};
}

Answer munlock(Word /*address*/, Word /*size*/) { return Word{0}; }

}  // namespace kos::libos::calls

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Frames and page tables (manual chapter 7, A.3.3).
#include "hostsim/kernel/derivation.hpp"
#include "hostsim/kernel/invocation.hpp"
#include "hostsim/kernel/vspace.hpp"

namespace kos::sim {

namespace {

using Label = sel4::Invocation;

constexpr Word attribute_cacheable = 1, attribute_execute_never = 4;

/// The VSpace that capability 0 of the message names: it must have an ASID.
bool names_vspace(const Capability& cap) { return cap.kind == CapKind::VSpace && cap.is_mapped; }

/// The VSpace of the capability, found by its ASID as hardware would find it.
Result<VSpace*, InvocationError> check_vspace(const State& state, const Capability& cap) {
    VSpace* vspace = find_vspace(state, cap.asid);
    if (vspace == nullptr) return Err{failed_lookup(false, {LookupFailure::InvalidRoot})};
    if (vspace != cap.object) return Err{invalid_capability(1)};
    return vspace;
}

/// A frame that is mapped already may only be mapped again where it is.
Invoked check_place(const Capability& frame, Asid asid, Word address) {
    const Word size = Word{1} << frame.size_bits;
    if (frame.asid != 0) {
        if (frame.asid != asid) return Err{invalid_capability(1)};
        if (frame.word != address) return Err{invalid_argument(0)};
    } else if (address + size - 1 > user_top) {
        return Err{invalid_argument(0)};
    }
    return {};
}

Invoked map(const Invocation& invocation) {
    if (!invocation.carries(3, 1)) return Err{truncated_message()};
    const Word address = invocation.word(0);
    const Word attributes = invocation.word(2);
    const Capability& root = invocation.extra_cap(0)->cap;
    Capability& frame = invocation.slot.cap;
    if (!names_vspace(root)) return Err{invalid_capability(1)};
    VSpace& vspace = *KOS_TRY(check_vspace(invocation.state, root));
    if (address % (Word{1} << frame.size_bits) != 0) return Err{alignment_error()};
    KOS_TRY(check_place(frame, root.asid, address));
    const WalkEnd end = walk(vspace, address);
    if (end.bits_left != frame.size_bits) {
        return Err{failed_lookup(false, missing_capability(end.bits_left))};
    }

    PageTableEntry entry;
    entry.kind = PageTableEntry::Kind::Frame;
    entry.rights =
        frame_rights(frame.rights, static_cast<std::uint8_t>(invocation.word(1) & RightsMask::all));
    entry.size_bits = frame.size_bits;
    entry.execute_never = (attributes & attribute_execute_never) != 0;
    entry.cacheable = (attributes & attribute_cacheable) != 0;
    entry.physical = frame.address.value();
    frame.asid = root.asid;
    frame.word = address;
    map_frame(invocation.state, vspace, address, *end.entry, entry);
    return {};
}

/// Cache maintenance by the offsets in words 0 and 1: there are no caches, but a front end may have
/// translated instructions.
Invoked maintain(const Invocation& invocation) {
    if (!invocation.carries(2, 0)) return Err{truncated_message()};
    const State& state = invocation.state;
    const Capability& frame = invocation.cap;
    if (frame.asid == 0) return Err{illegal_operation()};
    VSpace* vspace = find_vspace(state, frame.asid);
    if (vspace == nullptr) return Err{failed_lookup(false, {LookupFailure::InvalidRoot})};
    const Word start = invocation.word(0);
    const Word end = invocation.word(1);
    const Word size = Word{1} << frame.size_bits;
    if (end <= start) return Err{invalid_argument(1)};
    if (start >= size || end > size) return Err{invalid_argument(0)};
    if (frame.address.value() + end > kernel_window_top) return Err{illegal_operation()};
    if (invocation.label == Label::PageUnifyInstruction && state.hooks.vspaces != nullptr) {
        state.hooks.vspaces->unified(*vspace, VirtualAddress{frame.word + start}, end - start);
    }
    return {};
}

Invoked map_table(const Invocation& invocation) {
    if (!invocation.carries(2, 1)) return Err{truncated_message()};
    Capability& table = invocation.slot.cap;
    if (table.is_mapped) return Err{invalid_capability(0)};
    const Word address = invocation.word(0);
    const Capability& root = invocation.extra_cap(0)->cap;
    if (!names_vspace(root)) return Err{invalid_capability(1)};
    if (address > user_top) return Err{invalid_argument(0)};
    VSpace& vspace = *KOS_TRY(check_vspace(invocation.state, root));
    const WalkEnd end = walk(vspace, address);
    if (end.bits_left == small_page_bits || end.entry->kind != PageTableEntry::Kind::Invalid) {
        return Err{delete_first()};
    }

    end.entry->kind = PageTableEntry::Kind::Table;
    end.entry->table = table.as<PageTable>();
    table.is_mapped = true;
    table.asid = root.asid;
    table.word = address & ~((Word{1} << end.bits_left) - 1);
    return {};
}

Invoked unmap_table(const Invocation& invocation) {
    if (!is_final(invocation.slot)) return Err{revoke_first()};
    Capability& table = invocation.slot.cap;
    if (table.is_mapped) {
        unmap_page_table(invocation.state, table);
        table.as<PageTable>()->entries.fill({});
    }
    table.is_mapped = false;
    return {};
}

/// By the addresses in words 0 and 1, which must lie in one page; where none is mapped, there is
/// nothing to do.
Invoked flush(const Invocation& invocation) {
    if (!invocation.carries(2, 0)) return Err{truncated_message()};
    const State& state = invocation.state;
    const Word start = invocation.word(0);
    const Word end = invocation.word(1);
    if (end <= start) return Err{invalid_argument(1)};
    if (end > user_top) return Err{illegal_operation()};
    if (!invocation.cap.is_mapped) return Err{invalid_capability(0)};
    VSpace* vspace = find_vspace(state, invocation.cap.asid);
    if (vspace == nullptr) return Err{failed_lookup(false, {LookupFailure::InvalidRoot})};
    if (vspace != invocation.cap.object) return Err{invalid_capability(0)};
    const WalkEnd found = walk(*vspace, start);
    if (found.entry->kind != PageTableEntry::Kind::Frame) return {};
    const Word offset_mask = (Word{1} << found.bits_left) - 1;
    if ((start & ~offset_mask) != ((end - 1) & ~offset_mask)) {
        return Err{range_error(start, start | offset_mask)};
    }
    if (invocation.label == Label::VSpaceUnifyInstruction && state.hooks.vspaces != nullptr) {
        state.hooks.vspaces->unified(*vspace, VirtualAddress{start}, end - start);
    }
    return {};
}

}  // namespace

Invoked invoke_frame(const Invocation& invocation) {
    if (!invocation.label) return Err{illegal_operation()};
    Capability& frame = invocation.slot.cap;
    switch (*invocation.label) {
        case Label::PageMap:
            return map(invocation);
        case Label::PageUnmap:
            if (frame.asid != 0) unmap_frame(invocation.state, frame);
            frame.asid = 0;
            frame.word = 0;
            return {};
        case Label::PageCleanData:
        case Label::PageInvalidateData:
        case Label::PageCleanInvalidateData:
        case Label::PageUnifyInstruction:
            return maintain(invocation);
        case Label::PageGetAddress:
            invocation.answer({frame.address.value()});
            return {};
        default:
            return Err{illegal_operation()};
    }
}

Invoked invoke_vspace(const Invocation& invocation) {
    if (!invocation.label) return Err{illegal_operation()};
    switch (*invocation.label) {
        case Label::VSpaceCleanData:
        case Label::VSpaceInvalidateData:
        case Label::VSpaceCleanInvalidateData:
        case Label::VSpaceUnifyInstruction:
            return flush(invocation);
        default:
            return Err{illegal_operation()};
    }
}

Invoked invoke_page_table(const Invocation& invocation) {
    if (!invocation.label) return Err{illegal_operation()};
    switch (*invocation.label) {
        case Label::PageTableMap:
            return map_table(invocation);
        case Label::PageTableUnmap:
            return unmap_table(invocation);
        default:
            return Err{illegal_operation()};
    }
}

}  // namespace kos::sim

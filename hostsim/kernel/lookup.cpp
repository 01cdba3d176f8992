// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/lookup.hpp"

#include "hostsim/kernel/cnode.hpp"
#include "hostsim/kernel/sizes.hpp"

namespace kos::sim {

namespace {
constexpr Word mask(unsigned bits) { return (Word{1} << bits) - 1; }
}  // namespace

Result<ResolvedSlot, LookupFault> resolve_address(const Capability& root, Word address,
                                                  unsigned depth) {
    if (root.kind != CapKind::CNode) return Err{LookupFault{LookupFailure::InvalidRoot}};
    const Capability* node = &root;
    unsigned bits_left = depth;
    for (;;) {
        const unsigned radix = node->size_bits;
        const unsigned guard_bits = node->guard_bits;
        const unsigned level_bits = radix + guard_bits;
        const Word guard =
            (address >> ((bits_left - guard_bits) & (word_bits - 1))) & mask(guard_bits);
        if (guard_bits > bits_left || guard != node->word) {
            return Err{
                LookupFault{LookupFailure::GuardMismatch, bits_left, guard_bits, node->word}};
        }
        if (level_bits > bits_left) {
            return Err{LookupFault{LookupFailure::DepthMismatch, bits_left, level_bits}};
        }
        bits_left -= level_bits;
        Slot& slot = node->as<CNode>()->slots()[(address >> bits_left) & mask(radix)];
        if (bits_left == 0 || slot.cap.kind != CapKind::CNode) {
            return ResolvedSlot{&slot, bits_left};
        }
        node = &slot.cap;
    }
}

Result<Slot*, LookupFault> look_up_slot(const Thread& thread, Word cptr) {
    return KOS_TRY(resolve_address(thread.slot(ThreadSlot::CSpace).cap, cptr, word_bits)).slot;
}

Result<Slot*, InvocationError> resolve_slot(const Capability& root, Word index, Word depth,
                                            bool is_source) {
    if (root.kind != CapKind::CNode) {
        return Err{failed_lookup(is_source, {LookupFailure::InvalidRoot})};
    }
    if (depth < 1 || depth > word_bits) return Err{range_error(1, word_bits)};
    auto resolved = resolve_address(root, index, static_cast<unsigned>(depth));
    if (!resolved) return Err{failed_lookup(is_source, resolved.error())};
    if (resolved->bits_left != 0) {
        return Err{failed_lookup(is_source, {LookupFailure::DepthMismatch, resolved->bits_left})};
    }
    return resolved->slot;
}

}  // namespace kos::sim

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// CNode invocations: copying, moving and deleting capabilities (manual §3.1.2, A.2.2).
#include "hostsim/kernel/derivation.hpp"
#include "hostsim/kernel/endpoint.hpp"
#include "hostsim/kernel/invocation.hpp"
#include "hostsim/kernel/lookup.hpp"
#include "hostsim/kernel/state.hpp"

namespace kos::sim {

namespace {

using Label = sel4::Invocation;

std::uint8_t rights_of(Word word) { return static_cast<std::uint8_t>(word & RightsMask::all); }

/// Least words of the message, once it is known to name source and destination.
unsigned words_of(Label label) {
    switch (label) {
        case Label::CNodeMint:
            return 6;
        case Label::CNodeMove:
            return 4;
        default:
            return 5;
    }
}

/// What Copy, Mint, Move or Mutate puts into the destination.
Result<Capability, InvocationError> new_cap(const Invocation& invocation, Label label,
                                            const Slot& source) {
    switch (label) {
        case Label::CNodeCopy:
            return derive(source, with_rights(rights_of(invocation.word(4)), source.cap));
        case Label::CNodeMint:
            return derive(source,
                          with_data(false, invocation.word(5),
                                    with_rights(rights_of(invocation.word(4)), source.cap)));
        case Label::CNodeMutate:
            return with_data(true, invocation.word(4), source.cap);
        default:
            return source.cap;
    }
}

Invoked copy_or_move(const Invocation& invocation, Label label, Slot& destination) {
    if (!invocation.carries(4, 1)) return Err{truncated_message()};
    const Word depth = invocation.word(3);
    KOS_TRY(ensure_empty(destination));
    Slot& source =
        *KOS_TRY(resolve_slot(invocation.extra_cap(0)->cap, invocation.word(2), depth, true));
    if (source.cap.is_null()) return Err{failed_lookup(true, missing_capability(depth))};
    if (invocation.length < words_of(label)) return Err{truncated_message()};

    const Capability cap = KOS_TRY(new_cap(invocation, label, source));
    if (cap.is_null()) return Err{illegal_operation()};
    if (label == Label::CNodeMove || label == Label::CNodeMutate) {
        move_cap(cap, source, destination);
    } else {
        insert_cap(cap, source, destination);
    }
    return {};
}

Invoked cancel_sends(State& state, const Capability& cap) {
    if (cap.kind != CapKind::Endpoint || cap.rights != RightsMask::all) {
        return Err{illegal_operation()};
    }
    if (cap.word != 0) cancel_badged_sends(state, *cap.as<Endpoint>(), cap.word);
    return {};
}

/// source → pivot → destination; source and destination may be the same.
Invoked rotate(const Invocation& invocation, Slot& destination) {
    if (!invocation.carries(8, 2)) return Err{truncated_message()};
    const Word pivot_depth = invocation.word(4);
    const Word source_depth = invocation.word(7);
    Slot& source = *KOS_TRY(
        resolve_slot(invocation.extra_cap(1)->cap, invocation.word(6), source_depth, true));
    Slot& pivot =
        *KOS_TRY(resolve_slot(invocation.extra_cap(0)->cap, invocation.word(3), pivot_depth, true));
    if (&pivot == &source || &pivot == &destination) return Err{illegal_operation()};
    if (&source != &destination) KOS_TRY(ensure_empty(destination));
    if (source.cap.is_null()) return Err{failed_lookup(true, missing_capability(source_depth))};
    if (pivot.cap.is_null()) return Err{failed_lookup(false, missing_capability(pivot_depth))};

    const Capability new_source = with_data(true, invocation.word(5), source.cap);
    const Capability new_pivot = with_data(true, invocation.word(2), pivot.cap);
    if (new_source.is_null() || new_pivot.is_null()) return Err{illegal_operation()};
    if (&source == &destination) {
        swap_caps(new_source, source, new_pivot, pivot);
    } else {
        move_cap(new_pivot, pivot, destination);
        move_cap(new_source, source, pivot);
    }
    return {};
}

bool is_cnode_label(std::optional<Label> label) {
    return label && *label >= Label::CNodeRevoke && *label <= Label::CNodeRotate;
}

}  // namespace

Invoked invoke_cnode(const Invocation& invocation) {
    if (!is_cnode_label(invocation.label)) return Err{illegal_operation()};
    if (invocation.length < 2) return Err{truncated_message()};
    Slot& target =
        *KOS_TRY(resolve_slot(invocation.cap, invocation.word(0), invocation.word(1), false));
    switch (*invocation.label) {
        case Label::CNodeRevoke:
            revoke(invocation.state, target);
            return {};
        case Label::CNodeDelete:
            delete_cap(invocation.state, target);
            return {};
        case Label::CNodeCancelBadgedSends:
            return cancel_sends(invocation.state, target.cap);
        case Label::CNodeRotate:
            return rotate(invocation, target);
        default:
            return copy_or_move(invocation, *invocation.label, target);
    }
}

}  // namespace kos::sim

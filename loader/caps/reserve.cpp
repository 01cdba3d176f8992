// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/caps/reserve.hpp"

namespace kos::caps {

namespace {

using Reason = ReserveError::Reason;

/// Retypes a free node into its halves.
Result<void, ReserveError> split(Pools pools, NodeId id) {
    if (!pools.untypeds.can_split()) return Err{ReserveError{.reason = Reason::Bookkeeping}};
    const auto slot = pools.slots.allocate(2);
    if (!slot) return Err{ReserveError{.reason = Reason::Slots}};

    const UntypedNode& node = pools.untypeds.node(id);
    const CNodeWindow& window = pools.slots.window();
    const auto made = sel4::untyped_retype(node.cap, sel4::ObjectType::Untyped, node.size_bits - 1u,
                                           window.at(*slot), 2);
    if (!made) {
        pools.slots.release(*slot, 2);
        return Err{ReserveError{.reason = Reason::Kernel, .failure = made.error()}};
    }
    pools.untypeds.split(id, *slot, sel4::Cap<sel4::Untyped>{window.cptr(*slot)},
                         sel4::Cap<sel4::Untyped>{window.cptr(*slot + 1)});
    return {};
}

/// Splits until `find` answers a node of exactly that size, and takes it.
template <class Find>
Result<NodeId, ReserveError> take(Pools pools, unsigned size_bits, Find find) {
    for (;;) {
        const std::optional<NodeId> found = find();
        if (!found) {
            const std::uint64_t size = std::uint64_t{1} << size_bits;
            return Err{ReserveError{
                .reason = Reason::Memory,
                .shortage = {
                    .wanted = size, .free = pools.untypeds.free_bytes(), .shortfall = size}}};
        }
        if (pools.untypeds.node(*found).size_bits == size_bits) {
            pools.untypeds.take(*found);
            return *found;
        }
        KOS_TRY(split(pools, *found));
    }
}

/// Undoes splits that are of no use any more.
sel4::Invoked merge_all(Pools pools) {
    while (const auto id = pools.untypeds.mergeable()) {
        const UntypedNode node = pools.untypeds.node(*id);
        KOS_TRY(sel4::cnode_revoke(pools.slots.window().slot(node.cap.cptr())));
        pools.untypeds.merge(*id);
        pools.slots.release(node.first_child_slot, 2);
    }
    return {};
}

}  // namespace

Result<Reservation, ReserveError> reserve(Pools pools, std::span<const std::uint8_t> size_bits) {
    if (const auto checked = pools.untypeds.check(size_bits); !checked) {
        return Err{ReserveError{.reason = Reason::Memory, .shortage = checked.error()}};
    }
    Reservation reservation;
    for (const std::uint8_t bits : size_bits) {
        const auto piece = take(pools, bits, [&] { return pools.untypeds.best_fit(bits); });
        if (piece && reservation.push_back(*piece)) continue;

        // What was made so far goes back. A kernel that refuses that too leaves pieces taken or
        // split, as the books say; the first failure is the one to report.
        const ReserveError error =
            piece ? ReserveError{.reason = Reason::Bookkeeping} : piece.error();
        if (piece) pools.untypeds.release(*piece);
        (void)release(pools, reservation);
        (void)merge_all(pools);
        return Err{error};
    }
    return reservation;
}

Result<NodeId, ReserveError> reserve_device(Pools pools, PhysicalAddress address,
                                            unsigned size_bits) {
    auto piece =
        take(pools, size_bits, [&] { return pools.untypeds.device_fit(address, size_bits); });
    if (!piece) (void)merge_all(pools);
    return piece;
}

sel4::Invoked revoke(Pools pools, NodeId piece) {
    const sel4::CPtr cap = pools.untypeds.node(piece).cap.cptr();
    return sel4::cnode_revoke(pools.slots.window().slot(cap));
}

sel4::Invoked release(Pools pools, NodeId piece) {
    KOS_TRY(revoke(pools, piece));
    pools.untypeds.release(piece);
    return merge_all(pools);
}

sel4::Invoked release(Pools pools, const Reservation& reservation) {
    sel4::Invoked first;
    for (std::size_t index = reservation.size(); index-- > 0;) {
        const sel4::Invoked released = release(pools, reservation[index]);
        if (first && !released) first = released;
    }
    return first;
}

}  // namespace kos::caps

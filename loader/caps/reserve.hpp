// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Takes and returns untyped memory: the untyped allocator's steps applied with kernel calls.
//
//   reserve(pieces)   check → for each piece: split (Untyped_Retype) until one fits → taken
//   release(pieces)   CNode_Revoke each → free → merge (CNode_Revoke of the parent) where both
//                     halves are free
#pragma once

#include "lib/base/result.hpp"
#include "lib/base/static_vector.hpp"
#include "lib/sel4/invoke.hpp"
#include "loader/caps/pieces.hpp"
#include "loader/caps/slot_allocator.hpp"
#include "loader/caps/untyped_allocator.hpp"

#include <cstdint>
#include <span>

namespace kos::caps {

/// Where memory and slots come from. Both outlive their users.
struct Pools {
    UntypedAllocator& untypeds;
    SlotAllocator& slots;
};

struct ReserveError {
    enum class Reason : std::uint8_t {
        Memory,       ///< shortage says how much is missing
        Slots,        ///< no two slots in a row for a split
        Bookkeeping,  ///< the allocator's storage is full
        Kernel,       ///< failure says which call and why
    };
    Reason reason;
    Shortage shortage{};
    sel4::Failure failure{};
};

/// An app's untypeds, in the order of its pieces.
using Reservation = StaticVector<NodeId, PieceList::capacity()>;

/// All pieces, or none and everything as it was.
[[nodiscard]] Result<Reservation, ReserveError> reserve(Pools pools,
                                                        std::span<const std::uint8_t> size_bits);
/// The device memory [address, address + 2^size_bits), `address` aligned to that size.
[[nodiscard]] Result<NodeId, ReserveError> reserve_device(Pools pools, PhysicalAddress address,
                                                          unsigned size_bits);

/// Deletes all that was made from a taken piece, which stays taken.
sel4::Invoked revoke(Pools pools, NodeId piece);
/// Revokes a taken piece and frees it.
sel4::Invoked release(Pools pools, NodeId piece);
/// Every piece, the last first; goes on after a failure and returns the first.
sel4::Invoked release(Pools pools, const Reservation& reservation);

}  // namespace kos::caps

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An app's untypeds ("pieces"), and the retypes that fill them.
//
//   piece 0     the object CNode, exactly
//   piece 1…    the bytes of all other objects, rounded up to a page and split in powers of two,
//               largest first
//
// Objects are powers of two as well and are made largest first, so each piece is filled to its last
// byte before the next begins; what is left over is less than a page, at the end of the last.
#pragma once

#include "lib/base/static_vector.hpp"
#include "lib/sel4/invoke.hpp"
#include "loader/caps/objects.hpp"

#include <cstdint>
#include <optional>

namespace kos::caps {

/// log2 of each piece's bytes. 48 bits of address need 37 pieces at most.
using PieceList = StaticVector<std::uint8_t, 40>;

[[nodiscard]] PieceList pieces_of(const ObjectList& objects);

/// One Untyped_Retype: `count` objects (at most sel4::retype_fan_out_limit) from piece `piece` into
/// slots [first_slot, first_slot + count) of the object CNode.
struct RetypeStep {
    std::size_t piece;
    ObjectKind kind;
    sel4::ObjectType type;
    std::uint8_t size_bits;
    std::uint32_t first_slot;
    std::uint32_t count;
};

/// The retypes of all objects but the object CNode, in order:
/// `while (const auto step = steps.next()) …`.
class RetypeSteps {
   public:
    /// Both must outlive this.
    RetypeSteps(const ObjectList& objects, const PieceList& pieces)
        : objects_(objects), pieces_(pieces) {}

    [[nodiscard]] std::optional<RetypeStep> next();

   private:
    void advance(const ObjectGroup& group, const RetypeStep& step);

    const ObjectList& objects_;
    const PieceList& pieces_;
    std::size_t group_ = 0;
    std::uint32_t done_ = 0;  ///< objects of the group
    std::size_t piece_ = 1;
    std::uint64_t used_ = 0;  ///< bytes of the piece
};

}  // namespace kos::caps

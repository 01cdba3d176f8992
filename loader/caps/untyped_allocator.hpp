// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Which untyped memory is free: pure bookkeeping, without kernel calls.
//
// Each untyped of the boot information is the root of a binary tree. A node is free, taken, or
// split into two halves (made by one Untyped_Retype of the node into two untypeds). When both
// halves are free they are merged: revoking the parent deletes them. Sizes are powers of two and
// naturally aligned, so a smallest-fit search serves every list of pieces that fits at all.
//
// A caller asks for a node, makes the kernel call that the answer implies, then commits it here
// (loader/caps/reserve.hpp). A failed call therefore leaves the books right.
#pragma once

#include "lib/base/address.hpp"
#include "lib/base/result.hpp"
#include "lib/sel4/types.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace kos::caps {

/// Number of a node in the allocator's storage.
struct NodeId {
    std::uint32_t value;
    friend constexpr bool operator==(NodeId, NodeId) = default;
};

enum class NodeState : std::uint8_t { Unused, Free, Taken, Split };

struct UntypedNode {
    static constexpr std::uint32_t none = 0xffff'ffff;

    PhysicalAddress address;
    sel4::Cap<sel4::Untyped> cap;
    std::uint64_t first_child_slot = 0;  ///< where Split: the halves' slots, two in a row
    std::uint32_t parent = none;
    std::uint32_t first_child =
        none;  ///< where Split: the lower half's number; the upper's is next
    std::uint8_t size_bits = 0;
    bool is_device = false;
    NodeState state = NodeState::Unused;

    [[nodiscard]] constexpr std::uint64_t size() const { return std::uint64_t{1} << size_bits; }
};

/// Why pieces cannot be had, in bytes.
struct Shortage {
    std::uint64_t wanted;     ///< in all
    std::uint64_t free;       ///< in all
    std::uint64_t shortfall;  ///< what is missing: wanted − free, or, where the free memory is too
                              ///< scattered, the pieces that find no place
};

class UntypedAllocator {
   public:
    /// \p storage outlives this. Two nodes a split: 4 × the pieces ever held at once plus twice the
    /// tree's depth is ample.
    explicit UntypedAllocator(std::span<UntypedNode> storage) : nodes_(storage) {}

    /// Adds an untyped of the boot information. False: storage is full.
    [[nodiscard]] bool add(PhysicalAddress address, unsigned size_bits, bool is_device,
                           sel4::Cap<sel4::Untyped> cap);

    /// Whether pieces of these sizes (log2, in any order) can all be had from ordinary memory.
    [[nodiscard]] Result<void, Shortage> check(std::span<const std::uint8_t> size_bits) const;

    /// The smallest free node of ordinary memory that holds a piece, the lowest of equals. One that
    /// is larger than the piece is split, then the question is asked again.
    [[nodiscard]] std::optional<NodeId> best_fit(unsigned size_bits) const;
    /// The free device node that contains [address, address + 2^size_bits); likewise.
    [[nodiscard]] std::optional<NodeId> device_fit(PhysicalAddress address,
                                                   unsigned size_bits) const;
    [[nodiscard]] const UntypedNode& node(NodeId id) const { return nodes_[id.value]; }

    /// Whether there is room for two nodes more.
    [[nodiscard]] bool can_split() const;
    /// Records that a free node was retyped into its halves.
    void split(NodeId id, std::uint64_t first_child_slot, sel4::Cap<sel4::Untyped> lower,
               sel4::Cap<sel4::Untyped> upper);
    void take(NodeId id);
    /// Records that a taken node was revoked and is free again.
    void release(NodeId id);
    /// A split node whose halves are both free. It is revoked, then merge() is called.
    [[nodiscard]] std::optional<NodeId> mergeable() const;
    /// Records the merge; the halves' slots are free again.
    void merge(NodeId id);

    /// Ordinary memory, device memory left out.
    [[nodiscard]] std::uint64_t free_bytes() const;
    [[nodiscard]] std::uint32_t free_pieces() const;
    [[nodiscard]] std::uint64_t taken_bytes() const;
    /// log2 of the largest free piece; nothing where none is free.
    [[nodiscard]] std::optional<unsigned> largest_free() const;

   private:
    [[nodiscard]] std::optional<std::uint32_t> free_pair() const;
    [[nodiscard]] bool is_free(std::uint32_t number) const;
    [[nodiscard]] std::uint64_t bytes_in(NodeState state) const;

    /// Those that are in use, and some that are not any more.
    [[nodiscard]] std::span<const UntypedNode> known() const { return nodes_.first(known_); }

    std::span<UntypedNode> nodes_;
    std::size_t known_ = 0;
};

}  // namespace kos::caps

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/caps/untyped_allocator.hpp"

#include "lib/base/panic.hpp"

#include <algorithm>
#include <array>

namespace kos::caps {

namespace {

void expect(bool holds, const char* invariant) {
    if (!holds) panic(invariant);
}

/// How many free pieces there are of each size: enough to tell whether a list of pieces fits,
/// because a piece is always cut from the smallest free one that holds it.
class FreeSizes {
   public:
    void add(unsigned size_bits) { ++counts_[size_bits]; }

    bool take(unsigned size_bits) {
        unsigned from = size_bits;
        while (from < counts_.size() && counts_[from] == 0) ++from;
        if (from == counts_.size()) return false;
        --counts_[from];
        while (from > size_bits) ++counts_[--from];
        return true;
    }

   private:
    std::array<std::uint64_t, 64> counts_{};
};

}  // namespace

bool UntypedAllocator::is_free(std::uint32_t number) const {
    return nodes_[number].state == NodeState::Free;
}

bool UntypedAllocator::add(PhysicalAddress address, unsigned size_bits, bool is_device,
                           sel4::Cap<sel4::Untyped> cap) {
    for (std::size_t number = 0; number < nodes_.size(); ++number) {
        UntypedNode& node = nodes_[number];
        if (node.state != NodeState::Unused) continue;
        known_ = std::max(known_, number + 1);
        node = {.address = address,
                .cap = cap,
                .size_bits = static_cast<std::uint8_t>(size_bits),
                .is_device = is_device,
                .state = NodeState::Free};
        return true;
    }
    return false;
}

Result<void, Shortage> UntypedAllocator::check(std::span<const std::uint8_t> size_bits) const {
    FreeSizes sizes;
    for (const UntypedNode& node : known()) {
        if (node.state == NodeState::Free && !node.is_device) sizes.add(node.size_bits);
    }
    std::uint64_t wanted = 0;
    std::uint64_t unplaced = 0;
    for (unsigned bits = 64; bits-- > 0;) {
        for (auto count = std::count(size_bits.begin(), size_bits.end(), bits); count > 0;
             --count) {
            wanted += std::uint64_t{1} << bits;
            if (!sizes.take(bits)) unplaced += std::uint64_t{1} << bits;
        }
    }
    if (unplaced == 0) return {};
    const std::uint64_t free = free_bytes();
    return Err{Shortage{wanted, free, wanted > free ? wanted - free : unplaced}};
}

std::optional<NodeId> UntypedAllocator::best_fit(unsigned size_bits) const {
    std::optional<NodeId> best;
    for (std::uint32_t number = 0; number < known_; ++number) {
        const UntypedNode& node = nodes_[number];
        if (!is_free(number) || node.is_device || node.size_bits < size_bits) continue;
        const bool better = !best || node.size_bits < nodes_[best->value].size_bits ||
                            (node.size_bits == nodes_[best->value].size_bits &&
                             node.address < nodes_[best->value].address);
        if (better) best = NodeId{number};
    }
    return best;
}

std::optional<NodeId> UntypedAllocator::device_fit(PhysicalAddress address,
                                                   unsigned size_bits) const {
    const std::uint64_t size = std::uint64_t{1} << size_bits;
    for (std::uint32_t number = 0; number < known_; ++number) {
        const UntypedNode& node = nodes_[number];
        if (is_free(number) && node.is_device && address >= node.address &&
            range_within(address - node.address, size, node.size())) {
            return NodeId{number};
        }
    }
    return std::nullopt;
}

std::optional<std::uint32_t> UntypedAllocator::free_pair() const {
    for (std::uint32_t number = 0; number + 1 < nodes_.size(); ++number) {
        if (nodes_[number].state == NodeState::Unused &&
            nodes_[number + 1].state == NodeState::Unused) {
            return number;
        }
    }
    return std::nullopt;
}

bool UntypedAllocator::can_split() const { return free_pair().has_value(); }

void UntypedAllocator::split(NodeId id, std::uint64_t first_child_slot,
                             sel4::Cap<sel4::Untyped> lower, sel4::Cap<sel4::Untyped> upper) {
    const auto pair = free_pair();
    expect(pair && is_free(id.value), "UntypedAllocator: this node cannot be split");
    UntypedNode& parent = nodes_[id.value];
    UntypedNode half{.address = parent.address,
                     .cap = lower,
                     .parent = id.value,
                     .size_bits = static_cast<std::uint8_t>(parent.size_bits - 1),
                     .is_device = parent.is_device,
                     .state = NodeState::Free};
    nodes_[*pair] = half;
    half.address = half.address + half.size();
    half.cap = upper;
    nodes_[*pair + 1] = half;
    known_ = std::max<std::size_t>(known_, *pair + 2);
    parent.state = NodeState::Split;
    parent.first_child = *pair;
    parent.first_child_slot = first_child_slot;
}

void UntypedAllocator::take(NodeId id) {
    expect(is_free(id.value), "UntypedAllocator: a piece that is not free is taken");
    nodes_[id.value].state = NodeState::Taken;
}

void UntypedAllocator::release(NodeId id) {
    expect(nodes_[id.value].state == NodeState::Taken,
           "UntypedAllocator: a piece that is not taken is released");
    nodes_[id.value].state = NodeState::Free;
}

std::optional<NodeId> UntypedAllocator::mergeable() const {
    for (std::uint32_t number = 0; number < known_; ++number) {
        const UntypedNode& node = nodes_[number];
        if (node.state == NodeState::Split && is_free(node.first_child) &&
            is_free(node.first_child + 1)) {
            return NodeId{number};
        }
    }
    return std::nullopt;
}

void UntypedAllocator::merge(NodeId id) {
    UntypedNode& node = nodes_[id.value];
    expect(node.state == NodeState::Split && is_free(node.first_child) &&
               is_free(node.first_child + 1),
           "UntypedAllocator: this node cannot be merged");
    nodes_[node.first_child] = {};
    nodes_[node.first_child + 1] = {};
    node.first_child = UntypedNode::none;
    node.first_child_slot = 0;
    node.state = NodeState::Free;
}

std::uint64_t UntypedAllocator::bytes_in(NodeState state) const {
    std::uint64_t bytes = 0;
    for (const UntypedNode& node : known()) {
        if (node.state == state && !node.is_device) bytes += node.size();
    }
    return bytes;
}

std::uint64_t UntypedAllocator::free_bytes() const { return bytes_in(NodeState::Free); }

std::uint32_t UntypedAllocator::free_pieces() const {
    return static_cast<std::uint32_t>(std::count_if(
        known().begin(), known().end(),
        [](const UntypedNode& node) { return node.state == NodeState::Free && !node.is_device; }));
}
std::uint64_t UntypedAllocator::taken_bytes() const { return bytes_in(NodeState::Taken); }

std::optional<unsigned> UntypedAllocator::largest_free() const {
    std::optional<unsigned> largest;
    for (const UntypedNode& node : known()) {
        if (node.state == NodeState::Free && !node.is_device &&
            node.size_bits >= largest.value_or(0)) {
            largest = node.size_bits;
        }
    }
    return largest;
}

}  // namespace kos::caps

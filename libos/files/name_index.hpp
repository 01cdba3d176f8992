// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A hash table from (directory, name) to node: open addressing over storage of the caller's.
// The nodes hold the keys; the table holds their numbers only.
#pragma once

#include "libos/files/probing.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace kos::libos {

/// Number of a node in its tree.
struct NodeId {
    std::uint32_t value = 0;
    friend constexpr bool operator==(NodeId, NodeId) = default;
};
inline constexpr NodeId no_node{0xffff'ffff};

class NameIndex {
   public:
    /// `slots` are all zero, a power of two in number, and more than nodes will be.
    explicit NameIndex(std::span<std::uint32_t> slots) : slots_(slots) {}

    /// The node for which `matches(node)` holds, or no_node.
    template <class Matches>
    [[nodiscard]] NodeId find(NodeId directory, std::string_view name, Matches matches) const {
        for (std::size_t i = home(directory, name); slots_[i] != 0; i = probing::next(slots_, i)) {
            const NodeId id{slots_[i] - 1};
            if (matches(id)) return id;
        }
        return no_node;
    }

    void insert(NodeId directory, std::string_view name, NodeId id) {
        probing::insert(slots_, home(directory, name), id.value);
    }

    /// `key_home(node)` is home() of that node's key.
    template <class KeyHome>
    void erase(NodeId id, KeyHome key_home) {
        probing::erase(slots_, id.value,
                       [&](std::uint32_t number) { return key_home(NodeId{number}); });
    }

    /// Where the search for a key starts. FNV-1a.
    [[nodiscard]] std::size_t home(NodeId directory, std::string_view name) const {
        std::uint64_t hash = (0xcbf29ce484222325 ^ directory.value) * 0x100000001b3;
        for (const char c : name) {
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
        }
        return static_cast<std::size_t>(hash ^ hash >> 32) & (slots_.size() - 1);
    }

    std::span<std::uint32_t> slots_;
};

}  // namespace kos::libos

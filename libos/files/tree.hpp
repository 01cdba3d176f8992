// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The root file system: a tree of nodes over the initrd's archive, read-only. Names and data are
// parts of the archive; nothing is copied.
//
// A node that kos adds (devices, /proc/self) can be named but is not listed: a listing shows what
// the image has.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "libos/core/private_memory.hpp"
#include "libos/files/name_index.hpp"
#include "loader/cpio/reader.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace kos::libos {

enum class NodeOrigin : std::uint8_t { Image, Added };

struct Node {
    std::string_view name{};
    Bytes data{};  ///< a symbolic link's is its target
    cpio::Metadata metadata{};
    NodeId parent{};
    NodeId first_child = no_node;
    NodeId last_child = no_node;
    NodeId next_sibling = no_node;
    NodeOrigin origin = NodeOrigin::Image;

    [[nodiscard]] bool is_directory() const { return metadata.type() == cpio::type_directory; }
    [[nodiscard]] bool is_link() const { return metadata.type() == cpio::type_symlink; }
};

enum class TreeError : std::uint8_t {
    Archive,  ///< malformed
    Parent,   ///< an entry comes before the directory it is in, or in something else
    Name,     ///< an entry is named as a place that is there anyway
    Full,     ///< more additions than there is room for
};

class Tree {
   public:
    static constexpr NodeId root{0};

    /// Reads the archive, with room for `additions` nodes more.
    static Result<Tree, TreeError> create(Bytes archive, PrivateMemory& memory,
                                          std::size_t additions);

    [[nodiscard]] const Node& operator[](NodeId id) const { return nodes_[id.value]; }
    [[nodiscard]] std::optional<NodeId> child(NodeId directory, std::string_view name) const;
    [[nodiscard]] std::size_t size() const { return count_; }
    /// Directories count their own "." and their children's "..".
    [[nodiscard]] std::uint32_t link_count(NodeId id) const;

    /// Makes `name` in `directory`, or makes it anew where it is there.
    Result<NodeId, TreeError> add(NodeId directory, std::string_view name,
                                  const cpio::Metadata& metadata, Bytes data, NodeOrigin origin);

   private:
    Tree(std::span<Node> nodes, NameIndex index) : nodes_(nodes), index_(index) {}
    Result<void, TreeError> add_entry(const cpio::Entry& entry);
    [[nodiscard]] std::optional<NodeId> find(std::string_view path) const;
    void share_linked_data(NameIndex by_inode);

    std::span<Node> nodes_;
    NameIndex index_;
    std::uint32_t count_ = 0;
};

}  // namespace kos::libos

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The root file system: a tree of nodes over the initrd's archive, read-only. Names and data are
// parts of the archive; nothing is copied.
//
// A node that kos adds (devices, /proc/self) can be named but is not listed: a listing shows what
// the image has. Where the image has places of file systems in memory
// (lib/native/memory_files.hpp), there are nodes for names in them, which come and go
// (memory_files.hpp).
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/native/memory_files.hpp"
#include "libos/core/private_memory.hpp"
#include "libos/files/name_index.hpp"
#include "loader/cpio/reader.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace kos::libos {

enum class NodeOrigin : std::uint8_t { Image, Added, Memory };

/// Of nodes that are no files in memory.
inline constexpr std::uint16_t no_file = 0xffff;

struct Node {
    std::string_view name{};
    Bytes data{};  ///< a symbolic link's is its target
    cpio::Metadata metadata{};
    NodeId parent{};  ///< no_node once its name is removed
    NodeId first_child = no_node;
    NodeId last_child = no_node;
    NodeId next_sibling = no_node;
    NodeOrigin origin = NodeOrigin::Image;
    std::uint16_t file = no_file;  ///< of the files in memory

    [[nodiscard]] bool is_directory() const { return metadata.type() == cpio::type_directory; }
    [[nodiscard]] bool is_link() const { return metadata.type() == cpio::type_symlink; }
    [[nodiscard]] bool in_memory() const { return file != no_file; }
    /// A directory that was removed while something refers to it.
    [[nodiscard]] bool is_removed() const { return parent == no_node; }
};

enum class TreeError : std::uint8_t {
    Archive,  ///< malformed
    Parent,   ///< an entry comes before the directory it is in, or in something else
    Name,     ///< an entry is named as a place that is there anyway
    Full,     ///< more additions than there is room for
};

/// Whether a directory of an archive is the place of a file system in memory.
[[nodiscard]] constexpr bool is_mount(const cpio::Metadata& metadata) {
    return metadata.type() == cpio::type_directory &&
           metadata.special_major == native::memory_files::mark;
}

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

    /// Pages that the image's file systems in memory may have together; 0: there are none.
    [[nodiscard]] std::uint64_t memory_pages() const { return memory_pages_; }
    /// The nodes that are kept for names in them.
    [[nodiscard]] std::span<Node> memory_nodes() { return nodes_.subspan(first_memory_); }
    [[nodiscard]] NodeId memory_node(std::size_t i) const {
        return NodeId{static_cast<std::uint32_t>(first_memory_ + i)};
    }
    [[nodiscard]] std::size_t memory_number(NodeId id) const { return id.value - first_memory_; }
    [[nodiscard]] Node& change(NodeId id) { return nodes_[id.value]; }
    /// Gives a node a place behind the others in `directory`. The name stays where it is.
    void attach(NodeId id, NodeId directory, std::string_view name);
    /// Takes it away from there; its children stay its own.
    void detach(NodeId id);

   private:
    Tree(std::span<Node> nodes, NameIndex index, std::size_t first_memory)
        : nodes_(nodes), index_(index), first_memory_(first_memory) {}
    Result<void, TreeError> add_entry(const cpio::Entry& entry);
    [[nodiscard]] std::optional<NodeId> find(std::string_view path) const;
    void share_linked_data(NameIndex by_inode);

    std::span<Node> nodes_;
    NameIndex index_;
    std::size_t first_memory_;
    std::uint64_t memory_pages_ = 0;
    std::uint32_t count_ = 0;
};

}  // namespace kos::libos

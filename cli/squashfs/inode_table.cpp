// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/squashfs/inode_table.hpp"

namespace kos::squashfs {

using oci::Node;
using oci::NodeType;

InodeTable::InodeTable(const oci::RootFs& rootfs) {
    add_children(rootfs.root());
    add(rootfs.root());
    inodes_.back().parent = static_cast<std::uint32_t>(inodes_.size()) + 1;
    for (const Inode& directory : inodes_) {
        if (directory.node->type != NodeType::Directory) continue;
        for (const auto& [name, entry] : directory.node->children) {
            if (entry.node->type != NodeType::Directory) continue;
            inodes_[number_of(*entry.node) - 1].parent = number_of(*directory.node);
        }
    }
}

void InodeTable::add(const Node& node) {
    if (const auto known = numbers_.find(&node); known != numbers_.end()) {
        ++inodes_[known->second - 1].links;
        return;
    }
    std::uint32_t links = 1;
    if (node.type == NodeType::Directory) {
        links = 2;  // its name and "."; ".." of each directory in it comes on top
        for (const auto& [name, entry] : node.children) {
            if (entry.node->type == NodeType::Directory) ++links;
        }
    }
    inodes_.push_back({&node, links, 0});
    numbers_.emplace(&node, static_cast<std::uint32_t>(inodes_.size()));
}

void InodeTable::add_children(const Node& directory) {
    for (const auto& [name, entry] : directory.children) {
        if (entry.node->type == NodeType::Directory) add_children(*entry.node);
    }
    for (const auto& [name, entry] : directory.children) add(*entry.node);
}

}  // namespace kos::squashfs

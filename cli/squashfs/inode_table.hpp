// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The inodes of a tree in the order in which squashfs wants them: each after all that lies below
// it, as a directory's listing says where its entries' inodes are, and the entries of a directory
// one behind the other, so that one header serves many of them.
#pragma once

#include "cli/oci/rootfs.hpp"

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace kos::squashfs {

struct Inode {
    const oci::Node* node;
    std::uint32_t links;   ///< as stat's st_nlink
    std::uint32_t parent;  ///< inode number of the directory above; of the root: one beyond all
};

class InodeTable {
   public:
    /// \p rootfs must outlive the table.
    explicit InodeTable(const oci::RootFs& rootfs);

    /// Inode number n lies at n - 1; the root is the last.
    [[nodiscard]] std::span<const Inode> inodes() const { return inodes_; }
    [[nodiscard]] std::uint32_t number_of(const oci::Node& node) const {
        return numbers_.at(&node);
    }

   private:
    void add(const oci::Node& node);
    void add_children(const oci::Node& directory);

    std::vector<Inode> inodes_;
    std::unordered_map<const oci::Node*, std::uint32_t> numbers_;
};

}  // namespace kos::squashfs

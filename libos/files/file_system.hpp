// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The root file system as one app sees it: the tree, who asks, and the working directory.
#pragma once

#include "libos/abi/file.hpp"
#include "libos/core/lock.hpp"
#include "libos/files/resolve.hpp"
#include "libos/files/tree.hpp"

#include <string_view>

namespace kos::libos {

class FileSystem {
   public:
    /// Nodes that add_devices() adds at most.
    static constexpr std::size_t additions = 16;

    FileSystem(Tree tree, Credentials who) : tree_(tree), who_(who) {}

    /// Devices in /dev, and the link /proc/self/exe to the program.
    Result<void, TreeError> add_devices(std::string_view executable);

    [[nodiscard]] const Tree& tree() const { return tree_; }
    [[nodiscard]] const Credentials& credentials() const { return who_; }

    [[nodiscard]] NodeId working_directory() const {
        return NodeId{__atomic_load_n(&working_directory_.value, __ATOMIC_ACQUIRE)};
    }
    /// EACCES, ENOTDIR.
    Outcome<void> change_directory(NodeId directory);

    [[nodiscard]] Outcome<NodeId> resolve(NodeId start, std::string_view path,
                                          LastLink last_link) const {
        return Resolver{tree_, who_}.resolve(start, path, last_link);
    }
    /// EACCES unless the node's mode grants `wanted` (R_OK, X_OK); EROFS for writing.
    [[nodiscard]] Outcome<void> check_access(NodeId id, unsigned wanted) const;
    void describe(NodeId id, abi::Stat& stat) const;

   private:
    Result<NodeId, TreeError> directory(NodeId parent, std::string_view name);
    Result<void, TreeError> device(NodeId parent, std::string_view name, std::uint32_t minor);

    Tree tree_;
    Credentials who_;
    NodeId working_directory_ = Tree::root;
};

/// Device numbers of Linux's memory devices (Documentation/admin-guide/devices.txt).
namespace memory_device {
inline constexpr std::uint32_t major = 1, null = 3, zero = 5, full = 7, random = 8, urandom = 9;
}

}  // namespace kos::libos

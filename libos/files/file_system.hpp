// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The root file system as one app sees it: the tree, who asks, and the working directory.
#pragma once

#include "libos/abi/file.hpp"
#include "libos/core/lock.hpp"
#include "libos/files/memory_files.hpp"
#include "libos/files/resolve.hpp"
#include "libos/files/tree.hpp"

#include <string_view>

namespace kos::libos {

class FileSystem {
   public:
    /// Nodes that add_devices() adds at most.
    static constexpr std::size_t additions = 16;

    FileSystem(Tree tree, Credentials who, const Clock& clock)
        : tree_(tree), who_(who), memory_(tree_, clock) {}

    /// Held by whoever goes through the tree or changes it: nodes that it has found stay what they
    /// are until it ends.
    class [[nodiscard]] Section {
       public:
        explicit Section(FileSystem& files);
        ~Section();
        Section(const Section&) = delete;
        Section& operator=(const Section&) = delete;

       private:
        FileSystem& files_;
    };

    /// Makes the file systems in memory, if there are any. ENOMEM.
    Outcome<void> make_memory_files();
    [[nodiscard]] MemoryFiles& memory() { return memory_; }
    [[nodiscard]] const MemoryFiles& memory() const { return memory_; }
    /// Whether a name may be made in a directory: EROFS, ENOENT where it was removed, EACCES.
    [[nodiscard]] Outcome<void> may_change(NodeId directory) const;
    /// Whether a name may be removed, may_change() and the sticky bit considered: EPERM.
    [[nodiscard]] Outcome<void> may_remove(NodeId id) const;
    /// Whether mode and times may be changed: EROFS, EPERM.
    [[nodiscard]] Outcome<void> may_own(NodeId id) const;

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
    [[nodiscard]] Outcome<Place> place(NodeId start, std::string_view path,
                                       LastLink last_link) const {
        return Resolver{tree_, who_}.place(start, path, last_link);
    }
    /// EACCES unless the node's mode grants `wanted`; EROFS for writing what is not in memory.
    [[nodiscard]] Outcome<void> check_access(NodeId id, unsigned wanted) const;
    void describe(NodeId id, abi::Stat& stat) const;

   private:
    Result<NodeId, TreeError> directory(NodeId parent, std::string_view name);
    Result<void, TreeError> device(NodeId parent, std::string_view name, std::uint32_t minor);

    Tree tree_;
    Credentials who_;
    NodeId working_directory_ = Tree::root;
    Lock lock_;
    MemoryFiles memory_;
};

/// Device numbers of Linux's memory devices (Documentation/admin-guide/devices.txt).
namespace memory_device {
inline constexpr std::uint32_t major = 1, null = 3, zero = 5, full = 7, random = 8, urandom = 9;
}

}  // namespace kos::libos

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Paths to nodes, as path_resolution(7) has it: symbolic links (at most 40), `.`, `..`, trailing
// slashes, search permission on every directory that is passed through.
#pragma once

#include "libos/core/answer.hpp"
#include "libos/files/tree.hpp"

#include <string_view>

namespace kos::libos {

/// Who asks.
struct Credentials {
    std::uint32_t user = 0;
    std::uint32_t group = 0;
};

/// Whether the mode grants all of `wanted` (R_OK, W_OK, X_OK). Root may all but execute what
/// nobody may; a read-only file system is not considered.
[[nodiscard]] bool permits(const cpio::Metadata& metadata, const Credentials& who, unsigned wanted);

enum class LastLink : bool { Follow, Keep };

/// Where a path leads, whether or not something is there.
struct Place {
    NodeId directory;         ///< that the last component is in
    std::string_view name{};  ///< the last component; empty for the path /
    NodeId node = no_node;    ///< what is there
    bool slash = false;       ///< slashes follow
};

class Resolver {
   public:
    Resolver(const Tree& tree, Credentials who) : tree_(tree), who_(who) {}

    /// The node at `path`, which starts at `start` unless it begins with a slash.
    [[nodiscard]] Outcome<NodeId> resolve(NodeId start, std::string_view path,
                                          LastLink last_link) const;
    /// Likewise, but the last component need not be there, and slashes may follow what is no
    /// directory.
    [[nodiscard]] Outcome<Place> place(NodeId start, std::string_view path,
                                       LastLink last_link) const;

   private:
    [[nodiscard]] Outcome<NodeId> step(NodeId directory, std::string_view name) const;

    const Tree& tree_;
    Credentials who_;
};

/// Writes the absolute path of `node` to the end of `buffer`: ERANGE where it does not fit, ENOENT
/// where it was removed.
Outcome<std::string_view> path_of(const Tree& tree, NodeId node, std::span<char> buffer);

}  // namespace kos::libos

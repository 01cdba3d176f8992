// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Paths and descriptors of system calls, as nodes and files. Called within a Section of the file
// system, which is why a descriptor's node may be used after the descriptor is let go.
#pragma once

#include "libos/abi/file.hpp"
#include "libos/core/process.hpp"
#include "libos/core/user.hpp"

namespace kos::libos {

/// Where relative paths start that are given with `directory`, a descriptor or AT_FDCWD.
inline Outcome<NodeId> start_of(int directory) {
    if (directory == abi::at_flag::working_directory) return process().files.working_directory();
    const FileReference file = KOS_TRY(process().descriptors.get(directory));
    const auto node = file->node();
    if (!node) return Err{Errno::Enotdir};
    return *node;
}

/// The node at `path`. An empty one is `directory` itself where `flags` have AT_EMPTY_PATH.
inline Outcome<NodeId> look_up(int directory, std::string_view path, unsigned flags) {
    const bool keep_link = (flags & abi::at_flag::no_follow) != 0;
    if (path.empty() && (flags & abi::at_flag::empty_path) != 0) return start_of(directory);
    const NodeId start = path.starts_with('/') ? Tree::root : KOS_TRY(start_of(directory));
    return process().files.resolve(start, path, keep_link ? LastLink::Keep : LastLink::Follow);
}

inline Outcome<NodeId> look_up(int directory, UserString path, unsigned flags) {
    return look_up(directory, KOS_TRY(path.read(abi::path_max)), flags);
}

/// Where `path` leads, also where nothing is there. A last symbolic link is followed or kept.
inline Outcome<Place> place_of(int directory, std::string_view path, LastLink last_link) {
    const NodeId start = path.starts_with('/') ? Tree::root : KOS_TRY(start_of(directory));
    return process().files.place(start, path, last_link);
}

}  // namespace kos::libos

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The mount interface that works on descriptors (fsopen(2), open_tree(2), move_mount(2),
// mount_setattr(2)): a filesystem is configured, its mount is made detached, gets its attributes,
// and only then is attached to a place that is a descriptor as well. No path is resolved twice.
#pragma once

#include "lib/linux/result.hpp"
#include "lib/linux/unique_fd.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/mount.h>

#ifndef MOUNT_ATTR_IDMAP
#define MOUNT_ATTR_IDMAP 0x00100000
#endif
#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

namespace kos::sys {

/// A filesystem being configured. `explanation()` is what the kernel logged about a failure.
class FilesystemContext {
   public:
    [[nodiscard]] static Result<FilesystemContext> create(const char* type);

    [[nodiscard]] Result<void> set(const char* key, const char* value);
    [[nodiscard]] Result<void> set_flag(const char* key);
    /// Makes the superblock and a detached mount of it; `attributes` are MOUNT_ATTR_* flags.
    [[nodiscard]] Result<UniqueFd> mount(unsigned attributes);

    [[nodiscard]] std::string explanation() const;

   private:
    explicit FilesystemContext(UniqueFd context) : context_(std::move(context)) {}
    UniqueFd context_;
};

/// What mount_setattr(2) changes.
struct MountAttributes {
    std::uint64_t set = 0;
    std::uint64_t clear = 0;
    std::uint64_t propagation = 0;  ///< one of MS_PRIVATE, MS_SLAVE, MS_SHARED, MS_UNBINDABLE
    Fd user_namespace = -1;         ///< with MOUNT_ATTR_IDMAP in `set`
};

/// A detached copy of the mount at `path` (of `directory` itself when empty), with all below it
/// when recursive.
[[nodiscard]] Result<UniqueFd> clone_mount(Fd directory, const char* path, bool recursive);

[[nodiscard]] Result<void> set_attributes(Fd mount, const MountAttributes& attributes,
                                          bool recursive);

/// Attaches the detached `mount` on what `target` (O_PATH) refers to.
[[nodiscard]] Result<void> attach(Fd mount, Fd target);

/// The number of the mount that `path` is on, the one on top: unique while that mount exists.
[[nodiscard]] Result<std::uint64_t> mount_id(const std::string& path);

/// A path of a mountinfo (proc(5)) as it is: there a space, a tab, a newline and a backslash stand
/// as three octal digits behind a backslash.
[[nodiscard]] std::string unescape_mount_path(std::string_view field);

/// Makes the mount that the working directory is on the root, with the old root stacked on it.
[[nodiscard]] Result<void> pivot_root_here();

}  // namespace kos::sys

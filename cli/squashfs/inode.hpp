// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A node of the tree as the inode that libsquashfs writes.
#pragma once

#include "cli/oci/rootfs.hpp"
#include "cli/squashfs/handle.hpp"

#include <cstdint>
#include <sqfs/inode.h>

namespace kos::squashfs {

using InodePointer = Allocation<sqfs_inode_generic_t>;

/// "No extended attributes" of an inode.
inline constexpr std::uint32_t no_xattrs = 0xffff'ffff;

/// The inode of a link, device or FIFO; those of files and directories come from libsquashfs.
Outcome<InodePointer> make_special_inode(const oci::Node& node);

/// Type and permission bits, as stat's st_mode.
[[nodiscard]] std::uint16_t mode_of(const oci::Node& node);

/// The format has 32 bits without a sign.
[[nodiscard]] std::uint32_t clamped_time(std::int64_t seconds);

/// Sets the number of names of an inode that is not a directory's, and its extended attributes.
Outcome<void> set_links_and_xattrs(sqfs_inode_generic_t& inode, std::uint32_t links,
                                   std::uint32_t xattrs);

}  // namespace kos::squashfs

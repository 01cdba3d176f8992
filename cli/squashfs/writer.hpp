// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A root filesystem as a squashfs 4.0 image (Linux: Documentation/filesystems/squashfs.rst),
// written by libsquashfs: the disks of a microVM. Compressed with zstd by several threads; the same
// tree gives the same bytes whatever their number.
#pragma once

#include "cli/oci/rootfs.hpp"
#include "lib/base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kos::squashfs {

struct Options {
    std::uint32_t block_size = 128u << 10;  ///< bytes, a power of two from 4 KiB to 1 MiB
    std::uint32_t level = 15;               ///< of zstd, 1 to 22
    std::uint32_t threads = 0;              ///< 0: one for each processor
};

/// Owners, modes, times, hard links, devices and extended attributes (user., trusted., security.)
/// are kept. Multiple of 4 KiB. KOS-E-SQUASHFS where the tree holds what the format cannot, or
/// memory runs out.
Outcome<std::vector<std::byte>> make_squashfs(const oci::RootFs& rootfs,
                                              const Options& options = {});

}  // namespace kos::squashfs

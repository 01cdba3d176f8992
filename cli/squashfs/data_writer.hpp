// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// First part of an image: the contents of files as compressed blocks, their ends in shared
// fragments, equal ones stored once.
#pragma once

#include "cli/squashfs/handle.hpp"
#include "cli/squashfs/inode.hpp"
#include "cli/squashfs/inode_table.hpp"
#include "cli/squashfs/memory_file.hpp"

#include <cstdint>
#include <sqfs/compressor.h>
#include <sqfs/frag_table.h>
#include <vector>

namespace kos::squashfs {

struct DataOptions {
    std::uint32_t block_size;
    std::uint32_t threads;
};

/// Where the contents lie: an inode for each file of the table (nothing for what is no file), by
/// number, and the table of fragments.
struct FileData {
    std::vector<InodePointer> inodes;
    Handle<sqfs_frag_table_t> fragments;
};

Outcome<FileData> write_data(const InodeTable& table, const DataOptions& options,
                             sqfs_compressor_t& compressor, MemoryFile& file);

}  // namespace kos::squashfs

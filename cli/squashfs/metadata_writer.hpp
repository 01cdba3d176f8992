// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Second part of an image: inodes, directories and the tables behind them.
#pragma once

#include "cli/squashfs/data_writer.hpp"

#include <sqfs/super.h>

namespace kos::squashfs {

/// Takes the inodes of \p contents. Notes in \p super where everything lies.
Outcome<void> write_metadata(const InodeTable& table, FileData& contents,
                             sqfs_compressor_t& compressor, MemoryFile& file, sqfs_super_t& super);

}  // namespace kos::squashfs

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Where a file has instructions and not data: what the rewriter may alter. Hosted.
//
// With section headers: sections marked executable, without what `$d` mapping symbols mark as data.
// Without: executable segments as a whole.
#pragma once

#include "loader/elf/file.hpp"

#include <vector>

namespace kos::elf {

/// Ranges of code in ascending order, none overlapping, each within an executable segment's file
/// part. Addresses are the file's own.
[[nodiscard]] Result<std::vector<Range>, Error> code_ranges(const File& file);

}  // namespace kos::elf

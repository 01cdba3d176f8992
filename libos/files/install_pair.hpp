// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What pipe(2) and socketpair(2) end with.
#pragma once

#include "libos/core/user.hpp"
#include "libos/files/file_table.hpp"

namespace kos::libos {

/// Gives both files descriptors and writes them to \p pair, or does nothing.
Answer install_pair(const FileReference& first, const FileReference& second, bool close_on_exec,
                    UserPointer<int> pair);

}  // namespace kos::libos

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Writes the data caches' lines back to memory. On a host, where no guest starts, nothing.
#pragma once

#include "lib/base/bytes.hpp"

namespace kos::vmm {

void clean_to_memory(Bytes bytes);

}  // namespace kos::vmm

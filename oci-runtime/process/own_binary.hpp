// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A container that executes /proc/self/exe executes the runtime, and may then reach its file
// (CVE-2019-5736). So the runtime runs from where it cannot be written.
#pragma once

#include "oci-runtime/spec/failure.hpp"

namespace kos::oci {

/// Where this program's file is on a writable mount, executes it again from a read-only mount of
/// its own, attached nowhere, or where that is not permitted from a sealed copy in memory. Returns
/// when it already is such a process.
[[nodiscard]] Result<void> protect_own_binary(char** argv);

}  // namespace kos::oci

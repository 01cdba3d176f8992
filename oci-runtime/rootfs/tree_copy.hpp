// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include "lib/linux/result.hpp"
#include "lib/linux/unique_fd.hpp"

namespace kos::oci {

/// Copies what is in one directory into another, with owners and modes: files,
/// directories, links, devices and pipes. Crosses no mount, follows no link. For tmpcopyup.
[[nodiscard]] sys::Result<void> copy_tree(sys::Fd from, sys::Fd to);

}  // namespace kos::oci

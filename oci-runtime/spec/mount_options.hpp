// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The words of a mount's `options`.
#pragma once

#include "oci-runtime/spec/mounts.hpp"

#include <string_view>
#include <vector>

namespace kos::oci {

/// Adds one word to `out`. A word that is no option of mounts is an option of the filesystem, which
/// the kernel judges.
void apply_mount_option(std::string_view word, MountOptions& out);

/// Every word that apply_mount_option() gives a meaning of its own, for `features`.
[[nodiscard]] std::vector<std::string_view> known_mount_options();

}  // namespace kos::oci

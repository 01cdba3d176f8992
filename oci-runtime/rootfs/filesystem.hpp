// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// New filesystems (proc, tmpfs, devpts, overlay, …) for `mounts` that are not binds.
#pragma once

#include "lib/linux/unique_fd.hpp"
#include "oci-runtime/spec/failure.hpp"
#include "oci-runtime/spec/mounts.hpp"

namespace kos::oci {

/// A detached mount. A tmpfs without a mode takes that of the directory it will cover.
[[nodiscard]] Result<sys::UniqueFd> create_filesystem(const Mount& mount,
                                                      const sys::UniqueFd& target, bool is_new,
                                                      const std::string& label,
                                                      const std::string& where);

/// fsconfig(2) takes values of at most 255 bytes, which the layers of an overlay exceed: those go
/// through mount(2), onto the descriptor all the same.
[[nodiscard]] bool needs_classic_mount(const Mount& mount);
[[nodiscard]] Result<void> mount_classic(const Mount& mount, const sys::UniqueFd& target,
                                         const std::string& where);

}  // namespace kos::oci

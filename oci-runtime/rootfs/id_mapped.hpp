// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Mounts whose owners are shown through an id mapping (mount_setattr(2), MOUNT_ATTR_IDMAP).
#pragma once

#include "lib/linux/unique_fd.hpp"
#include "oci-runtime/spec/linux.hpp"

#include <vector>

namespace kos::oci {

/// The text of /proc/PID/uid_map or gid_map.
[[nodiscard]] std::string mapping_text(const std::vector<IdMapping>& mappings);

/// A user namespace that exists for its mappings only.
[[nodiscard]] Result<sys::UniqueFd> make_user_namespace(const std::vector<IdMapping>& uids,
                                                        const std::vector<IdMapping>& gids,
                                                        std::string_view where);

/// Maps a detached mount by its own mappings, or by the container's where it has none.
[[nodiscard]] Result<void> map_ids(const sys::UniqueFd& detached, const Mount& mount,
                                   const LinuxConfig& config, const std::string& where);

}  // namespace kos::oci

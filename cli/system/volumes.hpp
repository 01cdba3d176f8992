// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Named volumes: disk images in a folder of the user's, which microVMs in the simulator mount.
#pragma once

#include "boards/board.hpp"
#include "cli/guests/volume.hpp"
#include "cli/system/services.hpp"
#include "lib/base/error.hpp"
#include "lib/linux/unique_fd.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace kos::system {

/// `$KOS_VOLUMES`, or `kos/volumes` in the user's folder for data.
[[nodiscard]] std::filesystem::path volume_folder();

/// Volumes that belong to this process for as long as it has them.
struct HeldVolumes {
    std::vector<guests::Volume> disks;
    std::vector<sys::UniqueFd> locks;
};

/// Makes the volumes that are missing and takes all of them. KOS-E-FILE where one cannot be made
/// or is another run's.
Outcome<HeldVolumes> hold_volumes(const std::filesystem::path& folder, const std::string& project,
                                  const std::vector<PlannedService>& services);

/// Removes the project's volumes; it may have none. KOS-E-FILE where one is a run's.
Outcome<void> remove_volumes(const std::filesystem::path& folder, const std::string& project);

/// KOS-E-COMPOSE-UNSUPPORTED with the place of a volume that the board has no disk for.
Outcome<void> admit_volumes(const boards::Board& board,
                            const std::vector<PlannedService>& services);

}  // namespace kos::system

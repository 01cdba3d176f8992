// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// From the disks to the root filesystem that stays: squashfs images under an overlay with a layer
// in memory, and the change to it.
//
//     /run/linux1, /run/linux2   squashfs, read-only
//     /run/writable              tmpfs: upper and work folder of the overlay
//     /run/root                  the overlay; becomes /
//
// The old root is moved away from (MS_MOVE), not only left by chroot: setns(2) into PID 1's mount
// namespace leads into the new root, and pivot_root(2) works below it.
#pragma once

#include "kosinit/setup/result.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace kos::init {

struct Disks {
    std::optional<std::string> first;  ///< device of linux1
    std::string second;                ///< device of linux2
};

/// Mounts both disks below /run, where they can be read before the root is there.
[[nodiscard]] Outcome<void> mount_disks(const Disks& disks);

struct RootOptions {
    bool has_first = true;
    bool readonly = false;                        ///< the containers' folders without the overlay
    std::optional<std::uint64_t> writable_bytes;  ///< half of the memory where absent
};

/// Makes the overlay and changes to it. The root that PID 1 was started in is read-only from here
/// on: no container can reach a writable handle on kosinit's own file.
[[nodiscard]] Outcome<void> enter_root(const RootOptions& options);

/// Leaves the writable layer to the containers' folders, /etc and /var; a write elsewhere in the
/// guest's own root gets EROFS. What is mounted on it before, such as /run and /tmp, stays
/// writable.
[[nodiscard]] Outcome<void> make_root_read_only();

}  // namespace kos::init

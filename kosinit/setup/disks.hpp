// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Virtio disks, found by their serial.
#pragma once

#include "kosinit/setup/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kos::init {

/// The device node of the disk with this serial, such as "/dev/vda"; nothing where there is none
/// now. \p folder is /sys/block.
[[nodiscard]] std::optional<std::string> find_disk(std::string_view serial,
                                                   const std::string& folder = "/sys/block");

/// Waits for it; the error lists the serials that there are.
[[nodiscard]] Outcome<std::string> wait_for_disk(std::string_view serial, int milliseconds);

}  // namespace kos::init

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Runs a system image on seL4 under QEMU, with the kernel that the user supplies.
#pragma once

#include "boards/board.hpp"
#include "cli/boot/flat_image.hpp"
#include "cli/control/attendant.hpp"
#include "cli/guests/volume.hpp"
#include "cli/kernel/install.hpp"
#include "cli/qemu/command.hpp"
#include "cli/run/session.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/error.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kos::run {

struct QemuOptions {
    std::string board = "qemu_virt_aarch64";
    /// Folder of the target programs: the boot shim is there.
    std::string target_folder;
    std::optional<std::chrono::seconds> timeout;
    /// Where the system image is to lie; empty: where it costs least.
    std::optional<boot_image::Placement> placement;
    bool trace = false;                     ///< the session gets the root server's invocations
    std::optional<std::uint64_t> seed;      ///< of the apps' random numbers, with a clock to match
    std::vector<guests::Volume> volumes{};  ///< of apps by their names
};

/// The board that kos can run on under QEMU. KOS-E-USAGE where there is none of that name,
/// KOS-E-UNSUPPORTED where the root server cannot use it.
Outcome<const boards::Board*> find_board(const std::string& name);

/// A flat image to boot, and what it was made for. Everything outlives the run.
struct BootImage {
    const boards::Board& board;
    const kernel::Install& kernel;
    Bytes flat_image;
    std::vector<qemu::Volume> volumes{};
};

/// Boots a flat image under QEMU and runs until the session has finished or failed. The error is
/// the target's own where it tells one, such as KOS-E-BOOT-DAMAGED of the boot shim; KOS-E-TARGET
/// where it says nothing. QEMU is gone when this returns.
Outcome<void> boot_in_qemu(const BootImage& image, std::optional<std::chrono::seconds> timeout,
                           Session& session, control::Attendant* attendant = nullptr);

/// Runs until every app is gone. KOS-E-KERNEL-MISSING and its like where there is no kernel that
/// fits, KOS-E-TARGET where the target stops earlier. QEMU is gone when this returns.
Outcome<void> run_in_qemu(Bytes image, const QemuOptions& options, Session& session,
                          control::Attendant* attendant = nullptr);

}  // namespace kos::run

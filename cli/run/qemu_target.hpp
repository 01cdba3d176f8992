// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Runs a system image on seL4 under QEMU, with the kernel that the user supplies.
#pragma once

#include "cli/control/attendant.hpp"
#include "cli/run/session.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/error.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace kos::run {

struct QemuOptions {
    std::string board = "qemu_virt_aarch64";
    /// Folder of the target programs: the boot shim is there.
    std::string target_folder;
    std::optional<std::chrono::seconds> timeout;
    bool trace = false;                 ///< the session gets the root server's invocations
    std::optional<std::uint64_t> seed;  ///< of the apps' random numbers, with a clock to match
};

/// Runs until every app is gone. KOS-E-KERNEL-MISSING and its like where there is no kernel that
/// fits, KOS-E-TARGET where the target stops earlier. QEMU is gone when this returns.
Outcome<void> run_in_qemu(Bytes image, const QemuOptions& options, Session& session,
                          control::Attendant* attendant = nullptr);

}  // namespace kos::run

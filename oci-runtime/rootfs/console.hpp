// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The container's terminal: a pseudoterminal of its own devpts, whose master goes to the caller.
#pragma once

#include "oci-runtime/rootfs/root_directory.hpp"
#include "oci-runtime/spec/process.hpp"

namespace kos::oci {

struct Terminal {
    sys::UniqueFd master;
    sys::UniqueFd slave;
};

/// Opens a pair in `root`'s /dev/pts, which must be a devpts, and sets size and owner.
[[nodiscard]] Result<Terminal> open_terminal(const RootDirectory& root, const Process& process);

/// Mounts the slave on /dev/console; nothing is followed and no file of the host is made
/// (CVE-2025-52565).
[[nodiscard]] Result<void> mount_console(const RootDirectory& root, const Terminal& terminal);

/// Makes the slave the controlling terminal and the three standard descriptors of this process,
/// which leads a session.
[[nodiscard]] Result<void> adopt_terminal(const Terminal& terminal);

}  // namespace kos::oci

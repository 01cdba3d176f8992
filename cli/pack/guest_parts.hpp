// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What every guest is started from, whatever its container: the kernel, the initial root filesystem
// and the disk linux1 (docs/guest.md).
#pragma once

#include "lib/base/error.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace kos::pack {

struct GuestPrograms {
    std::string kosinit;        ///< the file's content; it is the OCI runtime as well
    std::string kernel_folder;  ///< of scripts/guest-kernel: boot/vmlinuz-…, lib/modules/…
};

struct GuestParts {
    std::vector<std::byte> kernel;  ///< an arm64 Image
    std::vector<std::byte> initrd;  ///< cpio: /init, modules
    std::vector<std::byte> linux1;  ///< squashfs: /bin/kosinit, /bin/runc, modules
};

/// KOS-E-GUEST-MODULE where the kernel lacks a module that guests need, KOS-E-FILE.
Outcome<GuestParts> make_guest_parts(const GuestPrograms& programs);

/// The arm64 Image in the folder of scripts/guest-kernel. KOS-E-FILE.
Outcome<std::vector<std::byte>> read_guest_kernel(const std::string& folder);

}  // namespace kos::pack

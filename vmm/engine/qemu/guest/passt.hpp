// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// passt: the host's network for one guest. It turns the guest's packets into sockets of the host's,
// in user space, without privileges; outwards only, and not to the host's own loopback.
#pragma once

#include "lib/linux/unique_fd.hpp"
#include "vmm/engine/qemu/guest/process.hpp"

namespace kos::qemu {

struct Passt {
    Process process;
    sys::UniqueFd socket;  ///< frames after their lengths (backend/stream_link.hpp)
};

/// KOS-E-TARGET where there is no passt. It ends with the socket, or with this process.
Outcome<Passt> start_passt();

}  // namespace kos::qemu

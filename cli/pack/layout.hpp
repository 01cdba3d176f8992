// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A microVM of several containers: the disk linux2 in LinuxKit's layout (docs/guest.md).
#pragma once

#include "cli/oci/rootfs.hpp"
#include "cli/pack/pack.hpp"
#include "lib/base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kos::pack {

/// Its files; an empty text is none.
struct GuestContainer {
    std::string folder;  ///< below /containers: `onboot/000-first`, `services/web`
    oci::RootFs rootfs;
    std::string config;   ///< config.json
    std::string runtime;  ///< runtime.json
    std::string service;  ///< service.json
};

struct LayoutSource {
    std::string name;  ///< of the app
    std::vector<GuestContainer> containers;
    std::string guest;  ///< guest.json
    oci::RootFs files;  ///< what else the guest's root filesystem has
    std::string kernel_arguments;
    std::uint64_t memory = 128u << 20;  ///< bytes, of the guest
    std::uint64_t cpus = 1;
};

/// A system image with it. \p restart: what happens once it has ended.
Outcome<Packed> pack_layout(LayoutSource layout, const Restart& restart,
                            const TargetPrograms& programs, const GuestSource& guests);

/// The disk linux2. Beside each config.json with a seccomp profile is the filter, compiled.
Outcome<std::vector<std::byte>> make_layout_disk(LayoutSource layout);

}  // namespace kos::pack

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A microVM on its way into a system image: the VMM's program, the guest's kernel and disks.
#pragma once

#include "cli/oci/image.hpp"
#include "cli/oci/labels.hpp"
#include "cli/pack/guest_parts.hpp"
#include "cli/pack/image_builder.hpp"
#include "cli/pack/pack.hpp"
#include "cli/pack/process.hpp"

namespace kos::pack {

/// The disk linux2: /container with config.json, guest.json and the root filesystem as the layers
/// made it. \p image is used up.
Outcome<std::vector<std::byte>> make_container_disk(oci::Image image, const Process& process,
                                                    const std::string& host_name,
                                                    const std::string& seccomp_profile);

struct MicrovmSettings {
    const oci::AppSettings& settings;
    const Process& process;
    const Restart& restart;
};

/// \p vmm: the content of vmm.elf.
Outcome<void> add_microvm(const MicrovmSettings& settings, oci::Image image, const std::string& vmm,
                          const GuestPrograms& programs, const std::string& seccomp_profile,
                          ImageBuilder& builder);

}  // namespace kos::pack

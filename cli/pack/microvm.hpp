// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A microVM on its way into a system image: the VMM's program, the guest's kernel and disks.
#pragma once

#include "cli/oci/image.hpp"
#include "cli/oci/labels.hpp"
#include "cli/pack/app_parts.hpp"
#include "cli/pack/guest_parts.hpp"
#include "cli/pack/image_builder.hpp"
#include "cli/pack/own_program.hpp"
#include "cli/pack/process.hpp"
#include "loader/plan/vmm.hpp"

namespace kos::pack {

/// The disk linux2: /container with config.json, guest.json and the root filesystem as the layers
/// made it. \p image is used up.
Outcome<std::vector<std::byte>> make_container_disk(oci::Image image, const Process& process,
                                                    const std::string& host_name,
                                                    const std::string& seccomp_profile,
                                                    const std::vector<ExtraHost>& hosts = {},
                                                    const ContainerOptions& options = {},
                                                    const AppNetworks& networks = {});

/// MicroVMs on their way into an image: what their guests share is put into it once.
class MicrovmPacker {
   public:
    /// \p vmm: the content of vmm.elf. \p builder outlives the packer.
    static Outcome<MicrovmPacker> create(const std::string& vmm, GuestParts parts,
                                         std::string seccomp_profile, ImageBuilder& builder);

    Outcome<void> add(const AppParts& what, oci::Image image);
    /// With its disk linux2 made. \p kernel_arguments go behind kos's own.
    Outcome<void> add(const AppParts& what, std::vector<std::byte> linux2,
                      const std::string& kernel_arguments);

   private:
    MicrovmPacker(ImageBuilder& builder, OwnProgram vmm, std::string seccomp_profile)
        : builder_(&builder), vmm_(std::move(vmm)), seccomp_profile_(std::move(seccomp_profile)) {}

    plan::GuestBlob add_blob(manifest::BlobKind kind, std::vector<std::byte> content);
    manifest::Disk disk(const char* serial, const plan::GuestBlob& blob);
    /// Disks of the image's, then volumes of the target's. KOS-E-UNSUPPORTED where they are too
    /// many.
    Outcome<std::vector<manifest::Disk>> disks(const AppParts& what, const plan::GuestBlob& linux2);
    std::vector<manifest::Interface> interfaces(const AppParts& what);
    manifest::App describe(const AppParts& what);

    ImageBuilder* builder_;
    OwnProgram vmm_;
    std::string seccomp_profile_;
    plan::GuestBlob kernel_{}, initrd_{}, linux1_{};
    std::uint32_t next_volume_group_ = 0;
};

}  // namespace kos::pack

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A native app on its way into a system image: its program, rewritten, libos, its initrd.
#pragma once

#include "cli/oci/rootfs.hpp"
#include "cli/pack/app_parts.hpp"
#include "cli/pack/image_builder.hpp"
#include "cli/pack/program.hpp"
#include "loader/plan/native.hpp"

#include <string>

namespace kos::pack {

/// Native apps on their way into an image: libos, which they share, is prepared once.
class NativePacker {
   public:
    /// \p libos: the content of libos.elf. \p builder outlives the packer.
    static Outcome<NativePacker> create(const std::string& libos, ImageBuilder& builder);

    /// \p memory_file_pages: heap for files in memory, beside what the settings say.
    Outcome<void> add(const AppParts& app, const oci::RootFs& rootfs,
                      std::uint64_t memory_file_pages);

   private:
    explicit NativePacker(ImageBuilder& builder) : builder_(&builder) {}

    plan::BlobNumbers add_blobs(const Program& program, std::vector<std::byte> initrd);
    manifest::App describe(const AppParts& parts, const Program& program,
                           const plan::NativeInputs& inputs);

    ImageBuilder* builder_;
    Libos libos_;
};

}  // namespace kos::pack

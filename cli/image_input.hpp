// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What commands take as an image: a reference to a layout, packed in memory, or a system image
// file.
#pragma once

#include "cli/pack/pack.hpp"
#include "lib/base/error.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace kos::cli {

/// Folder of the target programs: the environment's KOS_TARGET_DIR, or where they were built.
[[nodiscard]] std::string target_folder();

/// What a guest is made of: the kernel that KOS_GUEST_KERNEL names (a folder), or Debian's; kosinit
/// as it was built, or KOS_KOSINIT; Debian's seccomp profile.
Outcome<pack::GuestSupply> guest_supply();

/// kosinit's file: as it was built, or KOS_KOSINIT.
[[nodiscard]] std::string kosinit_path();

/// Notes for people, to standard error.
void tell(const std::vector<std::string>& notes);

/// Packs apps; notes on their images go to standard error.
Outcome<std::vector<std::byte>> pack_apps(pack::SystemSource system);

/// Whether it names a LinuxKit file, FILE.yml or FILE.yaml: a microVM of several containers. What
/// has a scheme is an image, whatever its name ends in.
[[nodiscard]] bool is_linuxkit_file(const std::string& reference);

/// The options, with the kind that the name decides on where they ask for none.
[[nodiscard]] pack::PackOptions with_kind_of_name(pack::PackOptions options,
                                                  const std::string& reference);

/// Whether it is packed from a layout or a LinuxKit file; else it is a system image file.
[[nodiscard]] bool is_reference(const std::string& image);

/// The image, or those of a LinuxKit file's containers. KOS-E-USAGE as pack_reference.
Outcome<std::vector<oci::Image>> load_images(const std::string& reference,
                                             const pack::PackOptions& options);

/// Packs `oci:PATH[:TAG]`, `kos:NAME` or `docker:NAME`, or a LinuxKit file; notes on it go to
/// standard error. KOS-E-USAGE where options are given that are an image's.
Outcome<std::vector<std::byte>> pack_reference(const std::string& reference,
                                               const pack::PackOptions& options);

Outcome<std::vector<std::byte>> read_file(const std::string& path);
Outcome<void> write_file(const std::string& path, Bytes content);

}  // namespace kos::cli

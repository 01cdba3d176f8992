// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// config.json, runtime.json and service.json of one container, as LinuxKit makes the first two.
//
// Not as LinuxKit: the user is the image's own where the file names none; a `hostname` and sysctls
// of a namespace that is the guest's are carried out there, where runc refuses them.
#pragma once

#include "cli/linuxkit/settings.hpp"
#include "cli/oci/image.hpp"

#include <string>

namespace kos::linuxkit {

/// Texts of files; an empty one is none.
struct ContainerFiles {
    std::string config;
    std::string runtime;
    std::string service;
};

/// What the guest's runtime would refuse is refused here, with the container's place. \p name: of
/// the container. \p is_service: only those have a service.json.
[[nodiscard]] Outcome<ContainerFiles> make_container(const Settings& settings,
                                                     const oci::Image& image,
                                                     const std::string& name, bool is_service);

}  // namespace kos::linuxkit

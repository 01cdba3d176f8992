// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An image of a layout, read whole and verified: configuration and root filesystem.
#pragma once

#include "cli/oci/config.hpp"
#include "cli/oci/layer.hpp"
#include "cli/oci/reference.hpp"
#include "cli/oci/rootfs.hpp"

#include <string>

namespace kos::oci {

struct Image {
    std::string name;  ///< as a person gave it
    Digest digest;     ///< of the manifest
    ImageConfig config;
    RootFs rootfs;
};

/// Every blob on the way is held to its descriptor, every layer to its diff_id.
Outcome<Image> load_image(const ImageReference& reference, const LayerLimits& limits = {});

}  // namespace kos::oci

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// How a person names an image: "oci:PATH[:TAG]" (skopeo's and umoci's notation).
#pragma once

#include "lib/base/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kos::oci {

struct ImageReference {
    std::string path;                ///< of the layout: a directory or a tar
    std::optional<std::string> tag;  ///< org.opencontainers.image.ref.name; none: the only image
    std::string name{};              ///< what people call it; empty: path and tag
};

/// A reference, or KOS-E-USAGE. "oci:" may also be "oci-archive:". What follows the last colon is
/// the tag unless it holds a slash.
Outcome<ImageReference> parse_reference(std::string_view text);

}  // namespace kos::oci

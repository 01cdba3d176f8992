// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A LinuxKit file as a microVM with several containers (docs/linuxkit.md).
#pragma once

#include "cli/oci/image.hpp"
#include "cli/pack/layout.hpp"
#include "lib/base/error.hpp"

#include <functional>
#include <string>
#include <vector>

namespace kos::linuxkit {

/// Loads what a file calls an image: `oci:PATH[:TAG]`, or a name.
using ImageSource = std::function<Outcome<oci::Image>(const std::string& name)>;

struct Loaded {
    pack::LayoutSource layout;
    std::vector<std::string> notes;  ///< what of the file has no effect, for people
};

/// KOS-E-LINUXKIT-…, with the place in the file; what \p images fails with, with the place too.
[[nodiscard]] Outcome<Loaded> load_layout(const std::string& path, const ImageSource& images);

/// Likewise \p text, as the content of \p path: what it names as a `source` lies beside that.
[[nodiscard]] Outcome<Loaded> parse_layout(const std::string& text, const std::string& path,
                                           const ImageSource& images);

}  // namespace kos::linuxkit

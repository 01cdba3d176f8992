// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include "lib/base/error.hpp"
#include "lib/manifest/view.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kos::guests {

/// A file that an app's guest has as a disk besides those of the image, to read and write.
struct Volume {
    std::string app;
    std::string serial;
    std::string path;
};

/// One that the image speaks of.
struct NumberedVolume {
    std::uint32_t number;  ///< in the system image
    Volume file;
};

/// Those of the image's guests, in its order. KOS-E-GUEST-VOLUME where none of \p files is meant.
Outcome<std::vector<NumberedVolume>> volumes_of(const manifest::ImageView& image,
                                                const std::vector<Volume>& files);

}  // namespace kos::guests

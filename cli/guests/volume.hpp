// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <string>

namespace kos::guests {

/// A file that an app's guest has as a disk besides those of the image, to read and write.
struct Volume {
    std::string app;
    std::string serial;
    std::string path;
};

}  // namespace kos::guests

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// For tests: the images that LinuxKit files name.
#pragma once

#include "cli/oci/image.hpp"
#include "lib/base/error.hpp"

#include <string>

namespace kos::linuxkit {

/// An image with a command and a user; "labelled" has a label too, and "missing" is none.
inline Outcome<oci::Image> test_image(const std::string& name) {
    if (name == "missing") return fail(ErrorCode::NotLocal, name);
    oci::Image image{.name = name,
                     .digest = oci::digest_of(oci::DigestAlgorithm::Sha256, {}),
                     .config = {},
                     .rootfs = {}};
    image.config.entrypoint = {"/bin/own"};
    image.config.command = {"argument"};
    image.config.environment = {"OWN=1", "PATH=/own"};
    image.config.working_directory = "/own";
    image.config.user = "7:8";
    if (name == "labelled") {
        image.config.labels.push_back(
            {"org.mobyproject.config",
             R"({"capabilities": ["CAP_CHOWN"], "binds": ["/a:/a"], "command": ["/label"]})"});
    }
    return image;
}

}  // namespace kos::linuxkit

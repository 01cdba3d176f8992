// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A bundle as it lies on disk: config.json read, checked and made independent of the working
// directory.
#pragma once

#include "oci-runtime/spec/config.hpp"

#include <string>
#include <vector>

namespace kos::oci {

struct Bundle {
    std::string path;    ///< absolute
    std::string rootfs;  ///< absolute, without links
    std::string text;    ///< of config.json
    Config config;
};

/// `config_file`: instead of config.json, relative to the bundle.
[[nodiscard]] Result<Bundle> load_bundle(const std::string& path, const std::string& config_file);

/// Takes out what is lawful and does nothing here: options of a filesystem on a bind mount, a label
/// where the kernel has no SELinux. Gives a warning for each.
[[nodiscard]] std::vector<std::string> drop_what_has_no_effect(Config& config);

/// What no kernel has to be asked about: fields that contradict one another or that this runtime
/// does not support.
[[nodiscard]] Result<void> check_supported(const Config& config);

}  // namespace kos::oci

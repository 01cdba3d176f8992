// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// config.json from a stranger: parsed, or refused with a place and a reason.
#include "oci-runtime/spec/config.hpp"

#include <cstddef>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto config = kos::oci::parse_config(text);
    if (!config) {
        if (config.error().what.empty() || config.error().where.empty()) std::abort();
        return 0;
    }
    // What parsing promises: no string of it means less to the kernel than to JSON.
    if (config->root.path.empty() || config->root.path.find('\0') != std::string::npos) {
        std::abort();
    }
    for (const kos::oci::Mount& mount : config->mounts) {
        if (mount.destination.empty() || (mount.parsed.bind && mount.source.empty())) std::abort();
    }
    return 0;
}

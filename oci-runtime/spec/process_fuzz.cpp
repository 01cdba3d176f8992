// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The document of `exec --process`, and that of `update --resources`, from a stranger.
#include "oci-runtime/spec/process.hpp"

#include "oci-runtime/spec/resources.hpp"

#include <cstddef>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto process = kos::oci::parse_process(text);
    if (process && (process->args.empty() || !process->cwd.starts_with('/'))) std::abort();
    if (!process && process.error().what.empty()) std::abort();
    const auto resources = kos::oci::parse_resources(text);
    if (!resources) return 0;
    for (const auto& [file, value] : resources->unified) {
        // They become file names.
        if (file.empty() || file.find('/') != std::string::npos) std::abort();
    }
    return 0;
}

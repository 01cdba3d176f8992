// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The options of a mount, as many as the input has words between commas.
#include "oci-runtime/spec/mount_options.hpp"

#include <cstddef>
#include <cstdlib>
#include <string_view>

namespace {

/// No attribute is asked for and refused at once: mount_setattr(2) would do neither or both.
bool contradicts_itself(const kos::oci::AttributeChange& change, std::uint64_t access_time) {
    return (change.set & change.clear & ~access_time) != 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest{reinterpret_cast<const char*>(data), size};
    kos::oci::MountOptions options;
    while (!rest.empty()) {
        const std::size_t comma = rest.find(',');
        kos::oci::apply_mount_option(rest.substr(0, comma), options);
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 1);
    }
    // The access-time settings are one field of several bits: it is cleared whole and set in part.
    constexpr std::uint64_t access_time = 0x70;  // MOUNT_ATTR__ATIME
    if (contradicts_itself(options.attributes, access_time)) std::abort();
    if (contradicts_itself(options.recursive_attributes, access_time)) std::abort();
    if (options.recursive_bind && !options.bind) std::abort();
    for (const auto& [key, value] : options.data) {
        if (key.find(',') != std::string::npos || value.find(',') != std::string::npos) {
            std::abort();
        }
    }
    return 0;
}

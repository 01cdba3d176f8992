// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Descriptors, indexes and manifests (OCI image specification: descriptor.md, image-index.md,
// manifest.md) and their Docker schema 2 counterparts.
#pragma once

#include "cli/oci/digest.hpp"
#include "lib/base/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kos::oci {

struct Platform {
    std::string os;
    std::string architecture;
    std::string variant;  ///< empty where it is not stated

    [[nodiscard]] std::string text() const;
};

/// What kos runs: linux/arm64, variant v8 or none.
[[nodiscard]] bool is_wanted(const Platform& platform);

struct Descriptor {
    std::string media_type;
    Digest digest;
    std::uint64_t size;
    std::optional<Platform> platform;
    std::string ref_name;  ///< org.opencontainers.image.ref.name, or empty
};

/// Kinds of documents that a descriptor can name.
[[nodiscard]] bool is_index(std::string_view media_type);
[[nodiscard]] bool is_manifest(std::string_view media_type);

struct Manifest {
    Descriptor config;
    std::vector<Descriptor> layers;
};

// \p where names the document in errors.
Outcome<std::vector<Descriptor>> parse_index(std::string_view json, const std::string& where);
Outcome<Manifest> parse_manifest(std::string_view json, const std::string& where);

}  // namespace kos::oci

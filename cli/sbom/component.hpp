// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A bill of materials in CycloneDX 1.5 (ECMA-424), as JSON. Nothing in it tells of when or where it
// was made: neither `serialNumber` nor `metadata.timestamp`, which the format leaves open.
#pragma once

#include "cli/oci/image.hpp"
#include "lib/base/bytes.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kos::sbom {

struct Component {
    std::string type;  ///< of the format: application, container, library, operating-system, file
    std::string name;
    std::string version{};                ///< empty: not known
    std::string purl{};                   ///< package URL; empty: none
    std::optional<oci::Digest> digest{};  ///< of its content
    std::vector<std::pair<std::string, std::string>> properties{};
    std::vector<Component> parts{};  ///< what it is made of
};

/// The document of a system of \p parts. \p version is that of kos, which writes it.
[[nodiscard]] nlohmann::ordered_json document_of(const std::string& name,
                                                 const std::vector<Component>& parts,
                                                 const std::string& version);

/// With its digest.
[[nodiscard]] Component file_component(std::string type, std::string name, std::string version,
                                       Bytes content);
/// The Debian packages of a root filesystem.
[[nodiscard]] std::vector<Component> package_components(const oci::RootFs& root);
/// An image by its manifest's digest, with the Debian packages in it. Its name is the last part of
/// that of its layout, which lies elsewhere on each machine.
[[nodiscard]] Component image_component(const oci::Image& image);
/// A Linux kernel; with its Debian package where it tells of one ("… SMP Debian 6.1.1-1 (…").
[[nodiscard]] Component kernel_component(Bytes kernel);

/// A part of a package URL: all but letters, digits and "-._~" is percent-encoded.
[[nodiscard]] std::string purl_encoded(std::string_view text);

}  // namespace kos::sbom

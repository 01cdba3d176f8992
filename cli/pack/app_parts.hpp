// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An app as the packers see it, native or not, and what its record says in both cases.
#pragma once

#include "cli/oci/labels.hpp"
#include "cli/pack/image_builder.hpp"
#include "cli/pack/networks.hpp"
#include "cli/pack/pack.hpp"
#include "cli/pack/process.hpp"
#include "lib/manifest/image.hpp"

#include <string>
#include <vector>

namespace kos::pack {

/// What an app is called, by people and by itself.
struct AppNames {
    std::string app, host;
};

struct AppParts {
    const oci::AppSettings& settings;
    const Process& process;
    const PackOptions& options;
    AppNames names;
    std::uint8_t stop_signal;
    std::vector<manifest::Dependency> dependencies;
    const AppNetworks& networks;
};

/// The mappings of the app's areas in those of its message servers, then of its networks' switches,
/// in the order of addresses.
[[nodiscard]] std::vector<manifest::Mapping> lent_areas(const AppNetworks& networks);
/// Of a native app: also the places of its lanes.
[[nodiscard]] std::vector<manifest::Mapping> lent_areas_and_lanes(const AppNetworks& networks);

/// That \p app, of kos's own, runs.
[[nodiscard]] manifest::Dependency started(std::uint32_t app);

/// Name, priorities, restarts, readiness and the like.
[[nodiscard]] manifest::App start_record(const AppParts& parts, manifest::AppKind kind,
                                         ImageBuilder& builder);

}  // namespace kos::pack

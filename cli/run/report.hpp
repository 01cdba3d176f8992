// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a run used, as JSON in the shape of `kos inspect --format json`.
#pragma once

#include "cli/run/session.hpp"
#include "lib/manifest/view.hpp"

#include <nlohmann/json.hpp>

namespace kos::run {

/// `apps[].manifest` has the fields of the prediction; beside it stand how the app ended and the
/// root server's inventory before the first app and after the last.
[[nodiscard]] nlohmann::ordered_json report_of(const manifest::ImageView& image,
                                               const Session& session);

}  // namespace kos::run

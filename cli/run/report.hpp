// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a run used, as JSON in the shape of `kos inspect --format json`.
#pragma once

#include "cli/run/session.hpp"
#include "lib/manifest/view.hpp"

#include <nlohmann/json.hpp>

namespace kos::run {

/// `image` is what the target was given, by its SHA-256: as a whole, and the root server, libos and
/// programs in it. `apps[].manifest` has the fields of the prediction; beside it stand how the app
/// ended and the root server's inventory before the first app and after the last. \p bytes: of the
/// image.
[[nodiscard]] nlohmann::ordered_json report_of(const manifest::ImageView& image, Bytes bytes,
                                               const Session& session);

}  // namespace kos::run

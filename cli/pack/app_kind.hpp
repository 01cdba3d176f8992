// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What an image's labels, and its file of the same keys, say of the app, and with that its kind.
#pragma once

#include "cli/oci/image.hpp"
#include "cli/oci/labels.hpp"
#include "cli/pack/pack.hpp"

namespace kos::pack {

/// KOS-E-LABEL-UNKNOWN, KOS-E-LABEL-VALUE.
Outcome<oci::AppSettings> settings_of(const oci::Image& image);

/// As asked for, as the labels say, or natively where they name the app (docs/labels.md).
[[nodiscard]] manifest::AppKind kind_of(const oci::AppSettings& settings,
                                        const PackOptions& options);

}  // namespace kos::pack

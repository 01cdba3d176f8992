// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the guest of a microVM is given: memory, processors, kernel, disks, interfaces.
#pragma once

#include "lib/manifest/view.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace kos::report {

/// As lines for people. \p app is a microVM of \p image.
[[nodiscard]] std::string guest_to_text(const manifest::ImageView& image, const manifest::App& app);
/// As an object.
[[nodiscard]] nlohmann::ordered_json guest_to_json(const manifest::ImageView& image,
                                                   const manifest::App& app);

}  // namespace kos::report

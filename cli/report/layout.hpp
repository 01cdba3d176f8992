// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The VSpace layout of an app (K9) as JSON; as text it is loader/plan/describe.hpp's.
#pragma once

#include "lib/manifest/view.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <vector>

namespace kos::report {

[[nodiscard]] std::vector<manifest::Mapping> mappings_of(const manifest::ImageView& image,
                                                         std::uint32_t app);

/// One object a mapping, in ascending order of address.
[[nodiscard]] nlohmann::ordered_json layout_to_json(const manifest::ImageView& image,
                                                    std::uint32_t app);

}  // namespace kos::report

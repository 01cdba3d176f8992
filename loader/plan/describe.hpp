// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A layout as text, for `kos inspect`. Hosted.
#pragma once

#include "lib/manifest/image.hpp"

#include <span>
#include <string>

namespace kos::plan {

/// One line a mapping: first and last address, size, rwx, page size, kind, source.
[[nodiscard]] std::string describe_layout(std::span<const manifest::Mapping> mappings);

}  // namespace kos::plan

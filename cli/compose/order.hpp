// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include "cli/compose/model.hpp"

namespace kos::compose {

/// The services such that each comes after what it depends on; otherwise as they are written.
/// Stopping goes the other way. KOS-E-COMPOSE-CYCLE, naming the circle. Dependencies that are not
/// in \p services are passed over.
[[nodiscard]] Outcome<std::vector<const Service*>> start_order(
    const std::vector<Service>& services);

}  // namespace kos::compose

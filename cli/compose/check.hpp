// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include "cli/compose/model.hpp"

namespace kos::compose {

/// Whether all that \p project's services refer to is there (KOS-E-COMPOSE-REFERENCE, with the name
/// that was probably meant), none claims what another has (KOS-E-COMPOSE-VALUE), and there is an
/// order to start them in (KOS-E-COMPOSE-CYCLE).
[[nodiscard]] Outcome<void> check(const Project& project);

}  // namespace kos::compose

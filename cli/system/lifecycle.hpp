// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// When a service starts, counts as healthy, is stopped and started again. Errors are
// KOS-E-COMPOSE-VALUE with the key's place.
#pragma once

#include "cli/compose/model.hpp"
#include "cli/pack/pack.hpp"
#include "lib/base/error.hpp"

#include <optional>

namespace kos::system {

Outcome<pack::Restart> restart_of(const compose::Service& service);

Outcome<pack::Lifecycle> life_of(const compose::Service& service);

/// The command that tests a microVM's health, where there is one. Until one attempt succeeds they
/// follow each other as while the service starts.
Outcome<std::optional<pack::HealthTest>> health_test_of(const compose::Service& service);

}  // namespace kos::system

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a compose project may ask for and no target carries out yet; docs/compose.md has it as well.
#pragma once

#include "cli/compose/model.hpp"
#include "lib/base/error.hpp"

#include <optional>
#include <string>

namespace kos::system {

/// KOS-E-COMPOSE-UNSUPPORTED with the key's place for what would have no effect.
Outcome<void> check_carried_out(const compose::Project& project, const compose::Service& service);

/// The same for what would have no effect should the service run natively.
[[nodiscard]] std::optional<Error> refusal_if_native(const compose::Project& project,
                                                     const compose::Service& service);

/// And in a microVM.
[[nodiscard]] std::optional<Error> refusal_if_microvm(const compose::Service& service);

/// Whether somebody looks at its health: the message server of a network that the service is on,
/// or its guest.
[[nodiscard]] bool is_looked_at(const compose::Service& service);

/// Whether native services on the network reach each other: the network default needs a message
/// server for that.
[[nodiscard]] bool joins_natives(const compose::Project& project, const std::string& network);

}  // namespace kos::system

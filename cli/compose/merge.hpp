// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// One compose file over another, and one service over the one that it extends. Source: Compose
// specification, "Merge" (13-merge.md) and "extends" (05-services.md).
#pragma once

#include "cli/compose/value.hpp"

#include <functional>

namespace kos::compose {

/// \p over on top of \p under, both canonical: mappings are joined; lists follow each other, but
/// for commands, which are replaced, and things at the same target (volumes, ports, secrets,
/// configs), of which the later one counts. `!override` replaces, `!reset` takes away.
[[nodiscard]] Value merged(Value under, Value over);

/// Gives a canonical document by its path, as `extends: file:` names it.
using LoadDocument = std::function<Outcome<Value>(const std::string& path)>;

/// Replaces `extends` in each service by what it stands for. KOS-E-COMPOSE-REFERENCE where there is
/// no such service, KOS-E-COMPOSE-CYCLE.
[[nodiscard]] Outcome<void> resolve_extends(Value& document, const LoadDocument& load);

}  // namespace kos::compose

// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The short forms of single items, as mappings of the long form. Each fails with
// KOS-E-COMPOSE-VALUE.
#pragma once

#include "cli/compose/value.hpp"

#include <vector>

namespace kos::compose {

/// `FILE`
[[nodiscard]] Outcome<Value> expand_env_file(const Value& short_form);
/// `[[IP:]PUBLISHED:]TARGET[/PROTOCOL]`; an IPv6 address stands in brackets. One for each port of a
/// range; as many are published, or any one of a range where there is one target.
[[nodiscard]] Outcome<std::vector<Value>> expand_ports(const Value& short_form);
/// `[SOURCE:]TARGET[:ro|rw]`; a source with a slash, dot or tilde first is a path.
[[nodiscard]] Outcome<Value> expand_volume(const Value& short_form);
/// Of secrets and configs: `NAME`
[[nodiscard]] Outcome<Value> expand_file_reference(const Value& short_form);

}  // namespace kos::compose

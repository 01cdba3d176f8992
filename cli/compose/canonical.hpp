// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Short forms turned into long ones, so that files can be merged and each thing is read in one form
// only. Source: Compose specification, "Services top-level element" (05-services.md).
#pragma once

#include "cli/compose/value.hpp"

namespace kos::compose {

/// Of a whole document: each service's `environment`, `labels`, `depends_on`, `networks`, `sysctls`
/// and `extra_hosts` become mappings, `env_file`, `tmpfs`, `ports`, `volumes`, `secrets`, `configs`
/// lists of mappings. What has no known form is left for the reader to refuse.
[[nodiscard]] Outcome<void> make_canonical(Value& document);

}  // namespace kos::compose

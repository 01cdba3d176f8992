// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Options of a tmpfs as mount(8) writes them: `size=64m,mode=700,uid=1000,gid=1000,ro`. Source:
// tmpfs(5) and mount(8) of Linux; of them what docs/compose.md lists.
#pragma once

#include "cli/compose/model.hpp"
#include "cli/compose/value.hpp"
#include "lib/base/error.hpp"

#include <string>

namespace kos::compose {

/// The options in \p value's text. KOS-E-COMPOSE-UNSUPPORTED for those without a meaning here,
/// KOS-E-COMPOSE-VALUE.
[[nodiscard]] Outcome<TmpfsOptions> read_tmpfs_options(const Value& value);

/// `PATH[:OPTION,…]`, of a service's `tmpfs`.
[[nodiscard]] Outcome<Mount> read_tmpfs(const Value& value);

/// The same options in one text.
[[nodiscard]] std::string to_text(const TmpfsOptions& options);

/// `driver_opts` of a volume: those of a tmpfs, the only kind that docker's driver `local` makes
/// and that needs nothing of this machine.
[[nodiscard]] Outcome<TmpfsOptions> read_driver_options(const Value& value);

}  // namespace kos::compose

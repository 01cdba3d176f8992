// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The code of an actor: one `svc`, then one `udf`, whose fault tells that it returned. A worker
// makes one `svc` and works for ever then, a spinner does so at once.
#pragma once

#include "lib/sel4/types.hpp"

namespace kos::contract {

[[nodiscard]] sel4::Word actor_entry();
/// The pc of the fault after a system call that returned.
[[nodiscard]] sel4::Word actor_return();
[[nodiscard]] sel4::Word worker_entry();
[[nodiscard]] sel4::Word spinner_entry();

/// Calls `endpoint` for ever, with \p quiet_label: at the lowest priority, it gets there only when
/// nothing else can run.
[[noreturn]] void run_marker(sel4::Word endpoint);
inline constexpr sel4::Word quiet_label = 0x9e1e;

}  // namespace kos::contract

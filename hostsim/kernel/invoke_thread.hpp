// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// TCB invocations that change a thread's capabilities or its scheduling.
#pragma once

#include "hostsim/kernel/invocation.hpp"

namespace kos::sim {

Invoked configure_thread(const Invocation& invocation);
Invoked set_thread_space(const Invocation& invocation);
Invoked set_thread_ipc_buffer(const Invocation& invocation);
Invoked set_thread_timeout_endpoint(const Invocation& invocation);

Invoked set_thread_priority(const Invocation& invocation);
Invoked set_thread_max_priority(const Invocation& invocation);
Invoked set_thread_sched_params(const Invocation& invocation);

/// Puts a copy of what `source` holds, as `cap`, into one of the slots of the invoked thread.
void install_thread_cap(const Invocation& invocation, Slot& place, const Capability& cap,
                        Slot* source);

}  // namespace kos::sim

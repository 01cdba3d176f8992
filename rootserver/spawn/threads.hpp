// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An app's CSpace and threads. Their objects are made at spawn, all of them; a thread is put
// together from its own when it is first asked for, the first at spawn.
#pragma once

#include "rootserver/spawn/app.hpp"
#include "rootserver/spawn/root.hpp"
#include "rootserver/trouble.hpp"

#include <cstdint>

namespace kos::rootserver {

/// Maps the thread's area, gives it its capabilities and configures it. Once for each thread.
Attempt<> make_thread(const Root& root, App& app, std::uint64_t thread);

/// Whom the kernel tells of a thread's faults, and how urgent the thread is.
struct ThreadPlace {
    sel4::CPtr endpoint;  ///< in the root server's CSpace
    sel4::Word badge;
    std::uint8_t priority;
};
/// Gives a thread its scheduling context and its fault handler.
Attempt<> schedule_thread(const Root& root, const App& app, std::uint64_t thread,
                          const ThreadPlace& place);

/// Starts a thread at \p pc with x0 and TPIDRRO_EL0 its block, on its libos stack.
Attempt<> start_thread(const App& app, std::uint64_t thread, VirtualAddress pc);

}  // namespace kos::rootserver

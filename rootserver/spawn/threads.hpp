// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An app's CSpace and threads. All threads are made at spawn; those but the first wait to be
// started.
#pragma once

#include "rootserver/spawn/app.hpp"
#include "rootserver/spawn/root.hpp"
#include "rootserver/trouble.hpp"

#include <cstdint>

namespace kos::rootserver {

/// Fills the CSpace and configures every thread.
Attempt<> make_threads(const Root& root, const App& app);

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

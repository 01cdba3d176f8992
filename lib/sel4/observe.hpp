// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Watching the invocations that this program makes: for traces. Where nobody watches, an invocation
// costs one comparison more.
#pragma once

#include "lib/sel4/abi.hpp"
#include "lib/sel4/types.hpp"

#include <span>

namespace kos::sel4 {

/// One invocation of a kernel object and what came of it.
struct InvocationRecord {
    Invocation invocation;
    Error error;
    CPtr target;
    std::span<const Word> words;
    std::span<const CPtr> caps;
};

struct InvocationObserver {
    /// Called after each invocation; must make none itself. Null: nobody watches.
    void (*invoked)(void* context, const InvocationRecord& record) = nullptr;
    void* context = nullptr;
};

/// Replaces the one that there was.
void observe_invocations(InvocationObserver observer);

}  // namespace kos::sel4
